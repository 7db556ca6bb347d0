-- What the broker says of a symbol: whether it is traded, and whether it takes fractions of a share. The worker reads it again each hour.
CREATE TABLE assets (
  symbol       TEXT PRIMARY KEY,
  tradable     BOOLEAN NOT NULL,
  fractionable BOOLEAN NOT NULL,
  read_at      TIMESTAMPTZ(3) NOT NULL
);
