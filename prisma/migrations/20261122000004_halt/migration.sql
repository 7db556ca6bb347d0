-- The kill switch complete: what an acknowledgement had to do, break-glass records, and drills asked for by a person.

-- Connections ended because they held the send lock too long, written down before each is ended. While it is 0, every sender let
-- go of the lock by itself, and its send was over by then.
ALTER TABLE halts ADD COLUMN ended_holders INTEGER NOT NULL DEFAULT 0;

-- Who started it, as an account: an approval that the drill needs is countersigned in that person's name. Null: no person.
ALTER TABLE kill_drills ADD COLUMN principal_id UUID, ADD COLUMN correlation_id TEXT;

-- What was done at the broker without this database, each step booked once from the data folder's journal.
CREATE TABLE break_glass (
  record_id   UUID NOT NULL,
  phase       TEXT NOT NULL,
  kind        TEXT NOT NULL,
  actor       TEXT NOT NULL,
  reason      TEXT NOT NULL,
  recorded_at TIMESTAMPTZ(3) NOT NULL,
  data        JSONB NOT NULL,
  booked_at   TIMESTAMPTZ(3) NOT NULL,
  PRIMARY KEY (record_id, phase)
);
ALTER TABLE break_glass ADD CONSTRAINT break_glass_phase CHECK (phase IN ('BEGUN', 'SUSPENDING', 'ENDED', 'LIFTED'));
ALTER TABLE break_glass ADD CONSTRAINT break_glass_kind CHECK (kind IN ('BREAK_GLASS', 'DEAD_MAN'));
CREATE TRIGGER break_glass_append_only BEFORE UPDATE OR DELETE ON break_glass FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER break_glass_no_truncate BEFORE TRUNCATE ON break_glass FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

/* Books one step, once: a break-glass halts trading here too (whatever its age: only a release loosens), a person is told,
   and the audit has it. Returns false for a step that is booked already. */
CREATE FUNCTION break_glass_book(p_record uuid, p_phase text, p_kind text, p_actor text, p_reason text, p_at timestamptz, p_data jsonb)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE v_text text;
BEGIN
  INSERT INTO break_glass (record_id, phase, kind, actor, reason, recorded_at, data, booked_at)
  VALUES (p_record, p_phase, p_kind, p_actor, p_reason, p_at, p_data, clock_timestamp()) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  IF p_kind = 'BREAK_GLASS' AND p_phase = 'BEGUN' THEN
    PERFORM halt_request(gen_random_uuid(), gen_random_uuid(), p_actor, p_reason);
    v_text := format('%s stopped trading directly at the broker: %s', p_actor, p_reason);
    PERFORM alert_open(gen_random_uuid(), 'BREAK_GLASS', 'broker', v_text, jsonb_build_object('record_id', p_record, 'at', p_at));
  END IF;
  IF p_phase = 'LIFTED' AND NOT EXISTS (
    SELECT 1 FROM break_glass s WHERE s.phase = 'SUSPENDING'
      AND NOT EXISTS (SELECT 1 FROM break_glass l WHERE l.record_id = s.record_id AND l.phase = 'LIFTED')) THEN
    PERFORM alert_resolve('BREAK_GLASS', 'broker');
  END IF;
  PERFORM audit_append(p_actor, lower(p_kind) || '.' || lower(p_phase), 'break-glass:' || p_record, NULL,
    jsonb_build_object('reason', p_reason, 'at', epoch_ms(p_at)) || p_data, NULL);
  RETURN true;
END $$;

-- Asks for a kill drill. Returns why not, or null: it waits for the worker now.
CREATE FUNCTION drill_request(p_id uuid, p_actor text, p_principal uuid, p_symbol text, p_orders int, p_correlation text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE v_environment text; v_state text; v_symbol text;
BEGIN
  SELECT environment INTO v_environment FROM market_clock WHERE id = 1;
  IF v_environment IS NULL THEN RETURN 'no worker has spoken to the broker yet'; END IF;
  IF v_environment NOT IN ('SIM', 'PAPER') THEN RETURN 'a drill places orders: it is never run on a live account'; END IF;
  SELECT state INTO v_state FROM trading_state WHERE id = 1;
  IF v_state <> 'ACTIVE' THEN RETURN format('trading is %s: a drill begins with trading active', v_state); END IF;
  SELECT q.symbol INTO v_symbol FROM quotes q, settings s JOIN policy_versions p ON p.version = s.active_policy_version
   WHERE p.body->'allowlist' ? q.symbol AND (p_symbol IS NULL OR q.symbol = p_symbol)
     AND NOT EXISTS (SELECT 1 FROM breaks b WHERE b.symbol = q.symbol AND b.resolved_at IS NULL)
   ORDER BY q.symbol LIMIT 1;
  IF v_symbol IS NULL THEN
    RETURN coalesce(format('%s is not allowed, has no quote, or has an open break', p_symbol), 'no allowed symbol has a quote and no open break');
  END IF;
  INSERT INTO kill_drills (id, requested_by, requested_at, environment, symbol, orders, status, principal_id, correlation_id)
  VALUES (p_id, p_actor, clock_timestamp(), v_environment, v_symbol, p_orders, 'REQUESTED', p_principal, p_correlation) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN 'another drill is running'; END IF;
  INSERT INTO outbox (id, topic, subject, data) VALUES (gen_random_uuid(), 'drill.requested', p_id::text, jsonb_build_object('drill_id', p_id, 'by', p_actor, 'orders', p_orders));
  PERFORM audit_append(p_actor, 'drill.request', 'drill:' || p_id, NULL, jsonb_build_object('symbol', v_symbol, 'orders', p_orders, 'environment', v_environment), p_correlation);
  RETURN NULL;
END $$;

-- Marks every order that a halt must end as being cancelled, before one request cancels all of them. Returns how many.
CREATE FUNCTION halt_cancel_all_sent(p_lease text, p_token bigint) RETURNS int LANGUAGE plpgsql VOLATILE AS $$
DECLARE v_count int;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM leases WHERE name = p_lease AND token = p_token AND expires_at > clock_timestamp()) THEN RETURN -1; END IF;
  WITH sent AS (
    UPDATE orders SET cancel_requested = true, cancel_sent_at = clock_timestamp(), cancel_attempts = cancel_attempts + 1,
        pending = CASE WHEN external_order_id IS NULL THEN pending ELSE 'CANCEL' END, updated_at = CASE WHEN cancel_requested THEN updated_at ELSE clock_timestamp() END
    WHERE status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED') AND kind <> 'FLATTEN' AND external_order_id IS NOT NULL RETURNING id, cancel_attempts),
  told AS (
    INSERT INTO execution_events (order_id, type, source, data, at)
    SELECT id, 'cancel_sent', 'WORKER', jsonb_build_object('all', true, 'attempt', cancel_attempts), clock_timestamp() FROM sent)
  SELECT count(*) INTO v_count FROM sent;
  RETURN v_count;
END $$;
