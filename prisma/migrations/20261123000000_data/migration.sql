-- What is known of a symbol when its newest bar closed: written by the pipeline, read by the gate, REST and the console.
CREATE TABLE features (
  symbol             text PRIMARY KEY,
  at                 timestamptz(3) NOT NULL,
  snapshot           jsonb NOT NULL,
  dollars_per_minute numeric(38, 12),
  closes             jsonb NOT NULL DEFAULT '[]',
  updated_at         timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);

-- Times in which nothing opens: earnings, the central bank and the like. Rows are never deleted, only removed from effect.
CREATE TABLE market_events (
  id         uuid PRIMARY KEY,
  kind       text NOT NULL CHECK (kind IN ('EARNINGS', 'FOMC', 'ECONOMIC', 'DIVIDEND', 'SPLIT', 'OTHER')),
  symbol     text CHECK (symbol ~ '^[A-Z][A-Z0-9.-]{0,11}$'),
  title      text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
  starts_at  timestamptz(3) NOT NULL,
  ends_at    timestamptz(3) NOT NULL,
  source     text NOT NULL CHECK (source IN ('OPERATOR', 'IMPORT')),
  created_by text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  removed_at timestamptz(3),
  removed_by text,
  CHECK (ends_at > starts_at)
);
CREATE INDEX market_events_in_effect ON market_events (ends_at) WHERE removed_at IS NULL;
-- A file that is imported again adds nothing.
CREATE UNIQUE INDEX market_events_once ON market_events (kind, coalesce(symbol, ''), starts_at, ends_at, title) WHERE removed_at IS NULL;

-- Which strategy runs on which symbol, with which parameters. Symbol '*': every symbol that has no row of its own.
CREATE TABLE strategy_settings (
  strategy   text NOT NULL,
  symbol     text NOT NULL CHECK (symbol = '*' OR symbol ~ '^[A-Z][A-Z0-9.-]{0,11}$'),
  enabled    boolean NOT NULL,
  params     jsonb NOT NULL DEFAULT '{}',
  version    bigint NOT NULL DEFAULT 1,
  updated_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  updated_by text NOT NULL,
  PRIMARY KEY (strategy, symbol)
);

-- The features that the signal arose from.
ALTER TABLE signals ADD COLUMN features jsonb;

-- A candidate on its way to the gate: from where it was stored until it is an order, an approval, a rejection, or too late.
CREATE TABLE signal_tasks (
  signal_id     uuid PRIMARY KEY REFERENCES signals (id),
  symbol        text NOT NULL,
  state         text NOT NULL DEFAULT 'QUEUED' CHECK (state IN ('QUEUED', 'DONE')),
  claimed_by    text,
  claimed_until timestamptz(3),
  attempts      int NOT NULL DEFAULT 0,
  -- PLACED REVIEW REJECTED NO_SHARES EXPIRED …: what became of it; null while queued.
  outcome       text,
  created_at    timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  done_at       timestamptz(3),
  CHECK ((state = 'DONE') = (done_at IS NOT NULL))
);
CREATE INDEX signal_tasks_queued ON signal_tasks (created_at) WHERE state = 'QUEUED';
