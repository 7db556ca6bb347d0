-- Decisions on approvals.

/* Approves a pending approval on the strength of a fresh decision: same locks and the same staleness rule as gate_commit.
   Returns {"status": DONE | STALE | DECIDED | EXPIRED | OWN_REQUEST}. Of two approvers one gets DONE. The person who requested the order
   approves it in M0 and M1; beyond that, only where one person works alone and has just confirmed who they are (A-9). */
CREATE OR REPLACE FUNCTION approval_commit(p jsonb) RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_at timestamptz(3); a approvals%ROWTYPE; v_reduced jsonb := nullif(p->'reduced', 'null'); v_own boolean;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7300001);
  SELECT * INTO a FROM approvals WHERE id = (p->>'approval_id')::uuid FOR UPDATE;
  IF a.status <> 'PENDING' THEN
    RETURN jsonb_build_object('status', 'DECIDED', 'decision', a.status, 'order_id', a.order_id, 'by', a.decided_by);
  END IF;
  -- The order is the one that was shown, or less of it.
  IF EXISTS (SELECT 1 FROM jsonb_to_recordset(p->'orders')
               AS o(symbol text, side text, qty numeric, order_type text, limit_price numeric, stop_price numeric, protective_stop_price numeric,
                    time_in_force text)
             WHERE (o.symbol, o.side, o.order_type, o.time_in_force, o.stop_price, o.protective_stop_price, o.limit_price IS NULL)
                     IS DISTINCT FROM (a.symbol, a.side, a.order_type, a.time_in_force, a.stop_price, a.protective_stop_price, a.limit_price IS NULL)
                OR o.qty > a.qty
                OR CASE a.side WHEN 'BUY' THEN o.limit_price > a.limit_price ELSE o.limit_price < a.limit_price END
                OR (v_reduced IS NULL AND (o.qty, o.limit_price) IS DISTINCT FROM (a.qty, a.limit_price))) THEN
    RAISE EXCEPTION 'the order is not what approval % holds', a.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF a.expires_at <= clock_timestamp() THEN RETURN '{"status":"EXPIRED"}'; END IF;
  PERFORM 1 FROM accounts WHERE id = 1 AND version = (p->>'account_version')::bigint FOR UPDATE;
  IF NOT FOUND THEN RETURN '{"status":"STALE"}'; END IF;
  PERFORM 1 FROM trading_state t, settings s
    WHERE t.version = (p->>'trading_version')::bigint AND s.version = (p->>'settings_version')::bigint
      AND NOT EXISTS (SELECT 1 FROM jsonb_to_recordset(p->'evaluations') AS e(policy_version int, stage text)
                      WHERE (e.policy_version, e.stage) IS DISTINCT FROM (s.active_policy_version, s.stage));
  IF NOT FOUND THEN RETURN '{"status":"STALE"}'; END IF;
  v_own := coalesce(a.principal_id = (p->>'by_principal')::uuid, true);
  IF v_own AND EXISTS (SELECT 1 FROM settings WHERE stage NOT IN ('M0_LOCAL', 'M1_PAPER')
                         AND NOT (mode = 'SOLO' AND coalesce((p->>'stepped_up')::boolean, false))) THEN
    RETURN '{"status":"OWN_REQUEST"}';
  END IF;
  v_at := (p->>'at')::timestamptz;

  INSERT INTO policy_evaluations (id, signal_id, kind, decision, approved_size_pct, policy_version, stage, input, input_hash, reasons, code_version, expires_at, created_at, blind)
  SELECT r.id, r.signal_id, r.kind, r.decision, r.approved_size_pct, r.policy_version, r.stage, r.input::jsonb, r.input_hash, r.reasons, r.code_version, r.expires_at, v_at, nullif(r.blind, 'null')
  FROM jsonb_to_recordset(p->'evaluations') AS r(id uuid, signal_id uuid, kind text, decision text, approved_size_pct numeric, policy_version int,
       stage text, input text, input_hash text, reasons jsonb, code_version text, expires_at timestamptz, blind jsonb);
  INSERT INTO policy_rule_hits (evaluation_id, code, tier, observed, threshold, message)
  SELECT r.evaluation_id, r.code, r.tier, r.observed, r.threshold, r.message
  FROM jsonb_to_recordset(p->'hits') AS r(evaluation_id uuid, code text, tier text, observed text, threshold text, message text);
  PERFORM place_rows(p, '{0}', v_at);
  UPDATE accounts SET version = version + 1 WHERE id = 1;
  UPDATE approvals SET status = CASE WHEN v_reduced IS NULL THEN 'APPROVED' ELSE 'REDUCED' END, decided_at = v_at, decided_by = p->>'by', self_approved = v_own,
      order_id = (p->'orders'->0->>'id')::uuid, approved_qty = (v_reduced->>'qty')::numeric,
      approved_limit_price = (v_reduced->>'limit_price')::numeric
    WHERE id = a.id;
  PERFORM audit_append(p->>'by', 'approval.approve', 'approval:' || (p->>'approval_id'), NULL,
                       jsonb_build_object('order_id', p->'orders'->0->>'id', 'shown_hash', p->>'shown_hash')
                         || CASE WHEN v_own THEN '{"self_approved": true}'::jsonb ELSE '{}' END
                         || CASE WHEN v_reduced IS NULL THEN '{}' ELSE jsonb_build_object('reduced', v_reduced) END, p->>'correlation_id');
  RETURN '{"status":"DONE"}';
END $$;
REVOKE ALL ON FUNCTION approval_commit(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION approval_commit(jsonb) TO countersign_web, countersign_worker;

-- Rejects a pending approval with a reason. Returns DONE, NOT_FOUND, or the status that was decided before.
CREATE OR REPLACE FUNCTION approval_reject(p_id uuid, p_actor text, p_reason text, p_correlation text, p_event uuid) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE a approvals%ROWTYPE;
BEGIN
  SELECT * INTO a FROM approvals WHERE id = p_id FOR UPDATE;
  IF NOT FOUND THEN RETURN 'NOT_FOUND'; END IF;
  IF a.status <> 'PENDING' THEN RETURN a.status; END IF;
  IF a.expires_at <= clock_timestamp() THEN RETURN 'EXPIRED'; END IF;
  UPDATE approvals SET status = 'REJECTED', decided_at = clock_timestamp(), decided_by = p_actor, reason = p_reason WHERE id = p_id;
  INSERT INTO outbox (id, topic, subject, data) VALUES (p_event, 'approval.decided', p_id::text, jsonb_build_object('approval_id', p_id, 'status', 'REJECTED', 'by', p_actor));
  PERFORM audit_append(p_actor, 'approval.reject', 'approval:' || p_id, NULL, jsonb_build_object('reason', p_reason), p_correlation);
  RETURN 'DONE';
END $$;
REVOKE ALL ON FUNCTION approval_reject(uuid, text, text, text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION approval_reject(uuid, text, text, text, uuid) TO countersign_web, countersign_worker;

-- Records that policy refused an attempt to approve, on the approval and in the audit log. The approval stays pending until it expires.
CREATE OR REPLACE FUNCTION approval_refused(p_id uuid, p_actor text, p_refusal jsonb, p_correlation text, p_event uuid) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- The newest hundred: the audit log has them all.
  UPDATE approvals SET refusals = CASE WHEN jsonb_array_length(refusals) >= 100 THEN refusals - 0 ELSE refusals END || jsonb_build_array(p_refusal) WHERE id = p_id AND status = 'PENDING';
  INSERT INTO outbox (id, topic, subject, data) VALUES (p_event, 'approval.refused', p_id::text, p_refusal || jsonb_build_object('approval_id', p_id));
  PERFORM audit_append(p_actor, 'approval.approve.refused', 'approval:' || p_id, NULL, p_refusal, p_correlation);
END $$;
REVOKE ALL ON FUNCTION approval_refused(uuid, text, jsonb, text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION approval_refused(uuid, text, jsonb, text, uuid) TO countersign_web, countersign_worker;

-- Expires the approvals that nobody decided in time. Returns how many.
CREATE OR REPLACE FUNCTION approvals_expire() RETURNS int LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v int;
BEGIN
  WITH expired AS (
    UPDATE approvals SET status = 'EXPIRED', decided_at = clock_timestamp(), decided_by = 'system', reason = 'nobody decided in time'
    WHERE id IN (SELECT id FROM approvals WHERE status = 'PENDING' AND expires_at <= clock_timestamp() FOR UPDATE SKIP LOCKED) RETURNING id),
  events AS (
    INSERT INTO outbox (id, topic, subject, data)
    SELECT gen_random_uuid(), 'approval.decided', id::text, jsonb_build_object('approval_id', id, 'status', 'EXPIRED', 'by', 'system') FROM expired RETURNING 1)
  SELECT count(*) INTO v FROM events;
  RETURN v;
END $$;
REVOKE ALL ON FUNCTION approvals_expire() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION approvals_expire() TO countersign_web, countersign_worker;
