-- The kill switch, the trading state and break-glass records.

/* Opens a cause of the trading state, or makes an open one stricter. Returns whether anything changed. The caller holds the lock of
   the row of trading_state. */
CREATE OR REPLACE FUNCTION trading_cause_open(p_cause text, p_state text, p_actor text, p_reason text, p_until_next_session boolean)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  INSERT INTO trading_causes AS c (cause, state, reason, opened_by, opened_at, trading_day, until_next_session)
  VALUES (p_cause, p_state, p_reason, p_actor, clock_timestamp(), (SELECT trading_day FROM accounts WHERE id = 1), p_until_next_session)
  ON CONFLICT (cause) WHERE ended_at IS NULL DO UPDATE SET state = excluded.state, reason = excluded.reason, opened_by = excluded.opened_by
    WHERE c.state = 'REDUCING' AND excluded.state = 'HALTED';
  RETURN FOUND;
END $$;
REVOKE ALL ON FUNCTION trading_cause_open(text, text, text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trading_cause_open(text, text, text, text, boolean) TO countersign_worker;
REVOKE ALL ON FUNCTION trading_cause_open(text, text, text, text, boolean) FROM countersign_web;

DROP FUNCTION IF EXISTS halt_request(uuid, uuid, text, text);

/* First half of a halt: commits HALTED without waiting for placements or sends. Returns the halt in force.
   A second halt while halted changes nothing but its cause, which is announced where it is new. */
CREATE OR REPLACE FUNCTION halt_request(p_id uuid, p_event uuid, p_actor text, p_reason text, p_cause text DEFAULT 'PERSON')
RETURNS uuid LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v_halt uuid; v_new boolean;
BEGIN
  SELECT halt_id INTO v_halt FROM trading_state WHERE id = 1 FOR UPDATE;
  v_new := trading_cause_open(p_cause, 'HALTED', p_actor, p_reason, false);
  IF v_halt IS NOT NULL THEN
    IF v_new THEN
      INSERT INTO outbox (id, topic, subject, data) VALUES (p_event, 'trading.state.changed', 'HALTED', jsonb_build_object('state', 'HALTED', 'by', p_actor, 'reason', p_reason, 'halt_id', v_halt, 'cause', p_cause));
    END IF;
    RETURN v_halt;
  END IF;
  INSERT INTO halts (id, requested_by, reason, requested_at) VALUES (p_id, p_actor, p_reason, clock_timestamp());
  UPDATE trading_state SET state = 'HALTED', version = version + 1, changed_at = clock_timestamp(), changed_by = p_actor, reason = p_reason, halt_id = p_id WHERE id = 1;
  INSERT INTO outbox (id, topic, subject, data) VALUES (p_event, 'trading.state.changed', 'HALTED', jsonb_build_object('state', 'HALTED', 'by', p_actor, 'reason', p_reason, 'halt_id', p_id, 'cause', p_cause));
  RETURN p_id;
END $$;
REVOKE ALL ON FUNCTION halt_request(uuid, uuid, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION halt_request(uuid, uuid, text, text, text) TO countersign_web, countersign_worker;

/* Second half of a halt, called while the send lock is held exclusively: from now on only cancels, flatten orders and protective
   stops are sent. */
CREATE OR REPLACE FUNCTION halt_acknowledge(p_id uuid) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE halts SET acknowledged_at = clock_timestamp() WHERE id = p_id AND acknowledged_at IS NULL;
  UPDATE orders SET cancel_requested = true, updated_at = clock_timestamp()
    WHERE status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED') AND kind NOT IN ('FLATTEN', 'PROTECTIVE') AND NOT cancel_requested;
  INSERT INTO outbox (id, topic, subject, data) VALUES (gen_random_uuid(), 'trading.halt.acknowledged', p_id::text, jsonb_build_object('halt_id', p_id));
$$;
REVOKE ALL ON FUNCTION halt_acknowledge(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION halt_acknowledge(uuid) TO countersign_web, countersign_worker;

-- Audits a halt exactly once: by the process that halted, or by the worker if that process died.
CREATE OR REPLACE FUNCTION halt_audit(p_id uuid) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE h halts%ROWTYPE;
BEGIN
  PERFORM pg_advisory_xact_lock(7300002);
  IF EXISTS (SELECT 1 FROM audit_log WHERE action = 'trading.halt' AND target = 'halt:' || p_id) THEN RETURN; END IF;
  SELECT * INTO h FROM halts WHERE id = p_id;
  PERFORM audit_append(h.requested_by, 'trading.halt', 'halt:' || p_id, NULL, jsonb_build_object('state', 'HALTED', 'reason', h.reason, 'requested_at', epoch_ms(h.requested_at)), NULL);
END $$;
REVOKE ALL ON FUNCTION halt_audit(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION halt_audit(uuid) TO countersign_web, countersign_worker;

/* Marks every order that a halt must end as being cancelled, before one request to the broker cancels all of them.
   Returns how many, or -1 when the lease was lost. */
CREATE OR REPLACE FUNCTION halt_cancel_all_sent(p_lease text, p_token bigint) RETURNS int LANGUAGE plpgsql VOLATILE AS $$
DECLARE v_count int;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM leases WHERE name = p_lease AND token = p_token AND expires_at > clock_timestamp()) THEN RETURN -1; END IF;
  WITH sent AS (
    UPDATE orders SET cancel_requested = true, cancel_sent_at = clock_timestamp(), cancel_attempts = cancel_attempts + 1,
        pending = CASE WHEN external_order_id IS NULL THEN pending ELSE 'CANCEL' END, updated_at = CASE WHEN cancel_requested THEN updated_at ELSE clock_timestamp() END
    WHERE status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED') AND kind NOT IN ('FLATTEN', 'PROTECTIVE') AND external_order_id IS NOT NULL RETURNING id, cancel_attempts),
  timeline AS (
    INSERT INTO execution_events (order_id, type, source, data, at)
    SELECT id, 'cancel_sent', 'WORKER', jsonb_build_object('all', true, 'attempt', cancel_attempts), clock_timestamp() FROM sent)
  SELECT count(*) INTO v_count FROM sent;
  RETURN v_count;
END $$;
REVOKE ALL ON FUNCTION halt_cancel_all_sent(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION halt_cancel_all_sent(text, bigint) TO countersign_worker;

DROP FUNCTION IF EXISTS trading_reduce(text, text, text, uuid);

/* Opens a cause that makes trading REDUCING; never loosens. A person who reduces while trading is halted changes nothing; a cause of
   the system's own (overfill, drawdown) is recorded then too, and a release ends it with the others. */
CREATE OR REPLACE FUNCTION trading_reduce(p_actor text, p_reason text, p_correlation text, p_event uuid, p_cause text DEFAULT 'PERSON',
  p_until_next_session boolean DEFAULT false) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v_state text; v_after text;
BEGIN
  SELECT state INTO v_state FROM trading_state WHERE id = 1 FOR UPDATE;
  IF v_state = 'HALTED' AND p_cause = 'PERSON' THEN RETURN; END IF;
  IF NOT trading_cause_open(p_cause, 'REDUCING', p_actor, p_reason, p_until_next_session) THEN RETURN; END IF;
  v_after := CASE v_state WHEN 'ACTIVE' THEN 'REDUCING' ELSE v_state END;
  IF v_state = 'ACTIVE' THEN
    UPDATE trading_state SET state = 'REDUCING', version = version + 1, changed_at = clock_timestamp(), changed_by = p_actor, reason = p_reason WHERE id = 1;
  END IF;
  INSERT INTO outbox (id, topic, subject, data) VALUES (p_event, 'trading.state.changed', v_after, jsonb_build_object('state', v_after, 'by', p_actor, 'reason', p_reason, 'cause', p_cause));
  PERFORM audit_append(p_actor, 'trading.reduce', 'trading-state', jsonb_build_object('state', v_state), jsonb_build_object('state', v_after, 'reason', p_reason, 'cause', p_cause), p_correlation);
END $$;
REVOKE ALL ON FUNCTION trading_reduce(text, text, text, uuid, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trading_reduce(text, text, text, uuid, text, boolean) TO countersign_web, countersign_worker;

/* Ends one cause in the system's name (the next session's open) and lets the state follow what is left: the strictest open cause. A
   halt is ended only by a release. */
CREATE OR REPLACE FUNCTION trading_cause_end(p_cause text, p_actor text, p_reason text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE v_state text;
BEGIN
  SELECT state INTO v_state FROM trading_state WHERE id = 1 FOR UPDATE;
  UPDATE trading_causes SET ended_at = clock_timestamp(), ended_by = p_actor WHERE cause = p_cause AND ended_at IS NULL AND until_next_session;
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM alert_resolve('LOSS_LIMIT', p_cause);
  IF v_state <> 'REDUCING' OR EXISTS (SELECT 1 FROM trading_causes WHERE ended_at IS NULL) THEN
    INSERT INTO outbox (id, topic, subject, data) VALUES (gen_random_uuid(), 'trading.state.changed', v_state, jsonb_build_object('state', v_state, 'by', p_actor, 'reason', p_reason, 'cause', p_cause));
    RETURN;
  END IF;
  UPDATE trading_state SET state = 'ACTIVE', version = version + 1, changed_at = clock_timestamp(), changed_by = p_actor, reason = p_reason WHERE id = 1;
  INSERT INTO outbox (id, topic, subject, data) VALUES (gen_random_uuid(), 'trading.state.changed', 'ACTIVE', jsonb_build_object('state', 'ACTIVE', 'by', p_actor, 'reason', p_reason, 'cause', p_cause));
  PERFORM audit_append(p_actor, 'trading.cause.end', 'trading-state', jsonb_build_object('state', v_state), jsonb_build_object('state', 'ACTIVE', 'reason', p_reason, 'cause', p_cause), NULL);
END $$;
REVOKE ALL ON FUNCTION trading_cause_end(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trading_cause_end(text, text, text) TO countersign_worker;

/* A loss limit was reached: opens its cause, raises an alert, and makes trading REDUCING or HALTED. The halt's audit entry is
   written here; the worker acknowledges and verifies it like any other. */
CREATE OR REPLACE FUNCTION trading_limit_reached(p_cause text, p_state text, p_actor text, p_reason text, p_until_next_session boolean)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM 1 FROM trading_state WHERE id = 1 FOR UPDATE;
  PERFORM alert_open(gen_random_uuid(), 'LOSS_LIMIT', p_cause, p_reason, jsonb_build_object('state', p_state));
  IF p_state = 'HALTED' THEN PERFORM halt_audit(halt_request(gen_random_uuid(), gen_random_uuid(), p_actor, p_reason, p_cause));
  ELSE PERFORM trading_reduce(p_actor, p_reason, NULL, gen_random_uuid(), p_cause, p_until_next_session);
  END IF;
END $$;
REVOKE ALL ON FUNCTION trading_limit_reached(text, text, text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trading_limit_reached(text, text, text, text, boolean) TO countersign_worker;

/* Ends every open cause and releases to ACTIVE. Returns the obstacles; an empty array means released, or already active. The round
   that it rests on began after the halt was verified or, where trading is reducing, after its opening orders had ended (H-7). */
CREATE OR REPLACE FUNCTION trading_release(p_actor text, p_reason text, p_correlation text, p_event uuid, p_max_age_ms bigint)
RETURNS text[] LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v trading_state%ROWTYPE; v_obstacles text[] := '{}'; v_breaks int; v_opening int; v_after timestamptz;
BEGIN
  SELECT * INTO v FROM trading_state WHERE id = 1 FOR UPDATE;
  IF v.state = 'ACTIVE' THEN RETURN v_obstacles; END IF;
  IF v.halt_id IS NOT NULL AND EXISTS (SELECT 1 FROM halts WHERE id = v.halt_id AND verified_at IS NULL) THEN
    v_obstacles := v_obstacles || 'the halt is not verified yet: orders may still be working at the broker'::text;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM accounts WHERE failed_rounds = 0 AND reconciled_at > clock_timestamp() - p_max_age_ms * interval '1 millisecond') THEN
    v_obstacles := v_obstacles || 'there is no recent clean reconciliation: is the worker running and the broker answering?'::text;
  END IF;
  IF v.halt_id IS NOT NULL THEN
    SELECT verified_at INTO v_after FROM halts WHERE id = v.halt_id;
  ELSE
    SELECT count(*) FILTER (WHERE status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')), max(closed_at) INTO v_opening, v_after
      FROM orders WHERE kind = 'GATED' AND position_effect = 'OPEN'
        AND (status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED') OR closed_at >= v.changed_at);
    IF v_opening > 0 THEN v_obstacles := v_obstacles || format('%s opening order(s) are not cancelled yet', v_opening); END IF;
  END IF;
  IF v_after IS NOT NULL AND NOT EXISTS (SELECT 1 FROM accounts WHERE round_started_at > v_after) THEN
    v_obstacles := v_obstacles || format('no reconciliation round has begun since %s',
      CASE WHEN v.halt_id IS NULL THEN 'the last opening order was cancelled' ELSE 'the halt was verified' END);
  END IF;
  SELECT count(*) INTO v_breaks FROM breaks WHERE resolved_at IS NULL;
  IF v_breaks > 0 THEN v_obstacles := v_obstacles || format('%s reconciliation break(s) are unresolved', v_breaks); END IF;
  IF cardinality(v_obstacles) > 0 THEN RETURN v_obstacles; END IF;
  UPDATE trading_causes SET ended_at = clock_timestamp(), ended_by = p_actor WHERE ended_at IS NULL;
  PERFORM alert_resolve('LOSS_LIMIT', cause) FROM unnest(ARRAY['DAILY_LOSS', 'DRAWDOWN']) AS cause;
  UPDATE halts SET released_at = clock_timestamp(), released_by = p_actor, release_reason = p_reason WHERE id = v.halt_id;
  UPDATE trading_state SET state = 'ACTIVE', version = version + 1, changed_at = clock_timestamp(), changed_by = p_actor, reason = p_reason, halt_id = NULL WHERE id = 1;
  INSERT INTO outbox (id, topic, subject, data) VALUES (p_event, 'trading.state.changed', 'ACTIVE', jsonb_build_object('state', 'ACTIVE', 'by', p_actor, 'reason', p_reason));
  PERFORM audit_append(p_actor, 'trading.release', 'trading-state', jsonb_build_object('state', v.state), jsonb_build_object('state', 'ACTIVE', 'reason', p_reason), p_correlation);
  RETURN v_obstacles;
END $$;
REVOKE ALL ON FUNCTION trading_release(text, text, text, uuid, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trading_release(text, text, text, uuid, bigint) TO countersign_web, countersign_worker;

/* Books one step of a break-glass record exactly once. Its beginning halts trading here too (whatever its age: only a release
   loosens), opens an alert and is audited. Returns false for a step that is already booked. */
CREATE OR REPLACE FUNCTION break_glass_book(p_record uuid, p_phase text, p_kind text, p_actor text, p_reason text, p_at timestamptz, p_data jsonb)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE v_text text;
BEGIN
  INSERT INTO break_glass (record_id, phase, kind, actor, reason, recorded_at, data, booked_at)
  VALUES (p_record, p_phase, p_kind, p_actor, p_reason, p_at, p_data, clock_timestamp()) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  IF p_kind = 'BREAK_GLASS' AND p_phase = 'BEGUN' THEN
    PERFORM halt_request(gen_random_uuid(), gen_random_uuid(), p_actor, p_reason, 'BREAK_GLASS');
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
REVOKE ALL ON FUNCTION break_glass_book(uuid, text, text, text, text, timestamptz, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION break_glass_book(uuid, text, text, text, text, timestamptz, jsonb) TO countersign_worker;
