-- Events reach durable consumers in the order of their position, whichever engine carries them.

-- Given by the relay, one holder at a time, when it publishes: unlike seq, a lower one never appears after a higher one.
ALTER TABLE outbox ADD COLUMN position BIGINT;
CREATE UNIQUE INDEX outbox_position_key ON outbox (position);

-- What must stay in order shares a partition: the events of a symbol. One process handles a partition at a time.
CREATE FUNCTION bus_part(p_data jsonb, p_subject text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (hashtextextended(coalesce(p_data->>'symbol', p_subject), 0) & 7)::int
$$;

-- The newest position, and what is known of the JetStream stream that events are forwarded to.
CREATE TABLE bus_state (
  id              INTEGER PRIMARY KEY DEFAULT 1,
  position        BIGINT NOT NULL DEFAULT 0,
  deployment      TEXT,
  stream_identity TEXT,
  stream_seq      BIGINT NOT NULL DEFAULT 0,
  forwarded       BIGINT NOT NULL DEFAULT 0,
  replaced        INTEGER NOT NULL DEFAULT 0
);
ALTER TABLE bus_state ADD CONSTRAINT bus_state_one_row CHECK (id = 1);
INSERT INTO bus_state (id) VALUES (1);

-- Up to where each durable consumer has handled each partition. Its row is locked while an event is handled.
CREATE TABLE bus_cursors (
  consumer TEXT NOT NULL,
  part     INTEGER NOT NULL,
  position BIGINT NOT NULL,
  seen_at  TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (consumer, part)
);
ALTER TABLE bus_cursors ADD CONSTRAINT bus_cursors_part CHECK (part BETWEEN 0 AND 7);
