-- What execution keeps beside orders: the history of breaks, signed openings, tie-outs, kill drills and alerts.

-- Why an order still works although its cancel was asked for.
ALTER TABLE orders ADD COLUMN cancel_attempts INTEGER NOT NULL DEFAULT 0, ADD COLUMN cancel_fault TEXT;

-- What the last reconciliation round took: {ms, statements, requests, open_orders, waited_ms, every_ms}.
ALTER TABLE accounts ADD COLUMN round JSONB NOT NULL DEFAULT '{}';

CREATE TABLE break_events (
  id       BIGSERIAL PRIMARY KEY,
  break_id UUID NOT NULL REFERENCES breaks (id),
  kind     TEXT NOT NULL,
  ours     JSONB NOT NULL,
  theirs   JSONB NOT NULL,
  by       TEXT,
  reason   TEXT,
  at       TIMESTAMPTZ(3) NOT NULL
);
CREATE INDEX break_events_break_id_idx ON break_events (break_id);
ALTER TABLE break_events ADD CONSTRAINT break_events_kind CHECK (kind IN ('OPENED', 'CHANGED', 'RESOLVED'));
CREATE TRIGGER break_events_append_only BEFORE UPDATE OR DELETE ON break_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER break_events_no_truncate BEFORE TRUNCATE ON break_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The ledger of breaks writes itself: whoever changes a break leaves a line with both sides' figures.
CREATE FUNCTION break_recorded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO break_events (break_id, kind, ours, theirs, at) VALUES (NEW.id, 'OPENED', NEW.ours, NEW.theirs, NEW.opened_at);
  ELSIF OLD.resolved_at IS NULL AND NEW.resolved_at IS NOT NULL THEN
    INSERT INTO break_events (break_id, kind, ours, theirs, by, reason, at)
    VALUES (NEW.id, 'RESOLVED', NEW.ours, NEW.theirs, NEW.resolved_by, NEW.reason, NEW.resolved_at);
  ELSIF (OLD.ours, OLD.theirs) IS DISTINCT FROM (NEW.ours, NEW.theirs) THEN
    INSERT INTO break_events (break_id, kind, ours, theirs, at) VALUES (NEW.id, 'CHANGED', NEW.ours, NEW.theirs, clock_timestamp());
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER breaks_recorded AFTER INSERT OR UPDATE ON breaks FOR EACH ROW EXECUTE FUNCTION break_recorded();

-- Balances of an account seen for the first time. A person signs for exactly what was shown; then they are booked, once.
CREATE TABLE account_openings (
  id                UUID PRIMARY KEY,
  broker_account_id TEXT NOT NULL,
  environment       TEXT NOT NULL,
  balances          JSONB NOT NULL,
  shown_hash        TEXT NOT NULL,
  proposed_at       TIMESTAMPTZ(3) NOT NULL,
  signed_by         TEXT,
  signed_at         TIMESTAMPTZ(3),
  booked_at         TIMESTAMPTZ(3),
  withdrawn_at      TIMESTAMPTZ(3)
);
ALTER TABLE account_openings ADD CONSTRAINT account_openings_signed CHECK ((signed_by IS NULL) = (signed_at IS NULL));
ALTER TABLE account_openings ADD CONSTRAINT account_openings_booked CHECK (booked_at IS NULL OR (signed_at IS NOT NULL AND withdrawn_at IS NULL));
CREATE UNIQUE INDEX account_openings_one_open ON account_openings (broker_account_id) WHERE withdrawn_at IS NULL;

CREATE TABLE tie_outs (
  id           UUID PRIMARY KEY,
  trading_day  TEXT NOT NULL,
  kind         TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  status       TEXT NOT NULL,
  report       JSONB NOT NULL DEFAULT '{}',
  fault        TEXT,
  created_at   TIMESTAMPTZ(3) NOT NULL,
  finished_at  TIMESTAMPTZ(3)
);
ALTER TABLE tie_outs ADD CONSTRAINT tie_outs_kind CHECK (kind IN ('CLOSE', 'REQUESTED'));
ALTER TABLE tie_outs ADD CONSTRAINT tie_outs_status CHECK (status IN ('WAITING', 'CLEAN', 'DIFFERENT', 'FAILED'));
ALTER TABLE tie_outs ADD CONSTRAINT tie_outs_finished CHECK ((status = 'WAITING') = (finished_at IS NULL));
CREATE UNIQUE INDEX tie_outs_one_close ON tie_outs (trading_day) WHERE kind = 'CLOSE';
CREATE INDEX tie_outs_created_at_idx ON tie_outs (created_at);

CREATE TABLE kill_drills (
  id               UUID PRIMARY KEY,
  requested_by     TEXT NOT NULL,
  requested_at     TIMESTAMPTZ(3) NOT NULL,
  environment      TEXT NOT NULL,
  symbol           TEXT NOT NULL,
  orders           INTEGER NOT NULL,
  status           TEXT NOT NULL,
  halt_id          UUID REFERENCES halts (id),
  started_at       TIMESTAMPTZ(3),
  finished_at      TIMESTAMPTZ(3),
  working          INTEGER,
  acknowledged_ms  INTEGER,
  verified_ms      INTEGER,
  cancelled        INTEGER,
  filled           INTEGER,
  fills_after_halt INTEGER,
  fault            TEXT,
  report           JSONB NOT NULL DEFAULT '{}'
);
ALTER TABLE kill_drills ADD CONSTRAINT kill_drills_status CHECK (status IN ('REQUESTED', 'PLACING', 'HALTING', 'PASSED', 'FAILED'));
ALTER TABLE kill_drills ADD CONSTRAINT kill_drills_orders CHECK (orders >= 0);
ALTER TABLE kill_drills ADD CONSTRAINT kill_drills_finished CHECK ((status IN ('PASSED', 'FAILED')) = (finished_at IS NOT NULL));
CREATE UNIQUE INDEX kill_drills_one_running ON kill_drills ((true)) WHERE finished_at IS NULL;
CREATE INDEX kill_drills_requested_at_idx ON kill_drills (requested_at);

-- What a person must look at and no page of its own shows: one open alert a kind and subject.
CREATE TABLE alerts (
  id          UUID PRIMARY KEY,
  kind        TEXT NOT NULL,
  subject     TEXT NOT NULL,
  message     TEXT NOT NULL,
  data        JSONB NOT NULL DEFAULT '{}',
  opened_at   TIMESTAMPTZ(3) NOT NULL,
  resolved_at TIMESTAMPTZ(3)
);
CREATE UNIQUE INDEX alerts_one_open ON alerts (kind, subject) WHERE resolved_at IS NULL;
CREATE INDEX alerts_opened_at_idx ON alerts (opened_at);

-- Opens an alert, or brings the open one up to date. Tells the console when it is new.
CREATE FUNCTION alert_open(p_id uuid, p_kind text, p_subject text, p_message text, p_data jsonb) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  UPDATE alerts SET message = p_message, data = p_data WHERE kind = p_kind AND subject = p_subject AND resolved_at IS NULL;
  IF FOUND THEN RETURN false; END IF;
  INSERT INTO alerts (id, kind, subject, message, data, opened_at) VALUES (p_id, p_kind, p_subject, p_message, p_data, clock_timestamp())
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO outbox (id, topic, subject, data) VALUES (gen_random_uuid(), 'alert.opened', p_subject, jsonb_build_object('alert_id', p_id, 'kind', p_kind, 'message', p_message));
  RETURN true;
END $$;

-- Closes the open alert of a kind and subject, when there is one.
CREATE FUNCTION alert_resolve(p_kind text, p_subject text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE v_id uuid;
BEGIN
  UPDATE alerts SET resolved_at = clock_timestamp() WHERE kind = p_kind AND subject = p_subject AND resolved_at IS NULL RETURNING id INTO v_id;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO outbox (id, topic, subject, data) VALUES (gen_random_uuid(), 'alert.resolved', p_subject, jsonb_build_object('alert_id', v_id, 'kind', p_kind));
  RETURN true;
END $$;
