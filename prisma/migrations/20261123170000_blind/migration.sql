-- The verdict without the memo is stored beside the real one: both functions as before, with one column more.
CREATE OR REPLACE FUNCTION gate_commit(p jsonb) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_new int[]; v_replayed jsonb; v_wanted int; v_got int; v_at timestamptz(3);
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7300001);
  PERFORM 1 FROM accounts WHERE id = 1 AND version = (p->>'account_version')::bigint FOR UPDATE;
  IF NOT FOUND THEN RETURN '{"status":"STALE"}'; END IF;
  -- A statement of its own, begun after the lock was had: it sees a halt that committed while we waited.
  PERFORM 1 FROM trading_state t, settings s
    WHERE t.version = (p->>'trading_version')::bigint AND s.version = (p->>'settings_version')::bigint;
  IF NOT FOUND THEN RETURN '{"status":"STALE"}'; END IF;
  v_at := (p->>'at')::timestamptz;

  WITH stored AS (
    INSERT INTO idempotency_keys (principal_id, key, request_hash, status_code, body, order_id, approval_id, created_at)
    SELECT r.principal_id, r.key, r.request_hash, r.status_code, r.body, r.order_id, r.approval_id, v_at
    FROM jsonb_to_recordset(p->'keys') AS r(n int, principal_id uuid, key text, request_hash text, status_code int, body text, order_id uuid, approval_id uuid)
    ON CONFLICT DO NOTHING RETURNING principal_id, key)
  SELECT array_agg(r.n) INTO v_new
  FROM jsonb_to_recordset(p->'keys') AS r(n int, principal_id uuid, key text) JOIN stored USING (principal_id, key);
  v_new := coalesce(v_new, '{}');

  SELECT coalesce(jsonb_agg(jsonb_build_object('n', r.n, 'request_hash', k.request_hash, 'status_code', k.status_code, 'body', k.body)), '[]')
  INTO v_replayed
  FROM jsonb_to_recordset(p->'keys') AS r(n int, principal_id uuid, key text)
  JOIN idempotency_keys k USING (principal_id, key) WHERE r.n <> ALL (v_new);

  INSERT INTO policy_evaluations (id, signal_id, kind, decision, approved_size_pct, policy_version, stage, input, input_hash, reasons, code_version, expires_at, created_at, blind)
  SELECT r.id, r.signal_id, r.kind, r.decision, r.approved_size_pct, r.policy_version, r.stage, r.input::jsonb, r.input_hash, r.reasons, r.code_version, r.expires_at, v_at, nullif(r.blind, 'null')
  FROM jsonb_to_recordset(p->'evaluations') AS r(n int, id uuid, signal_id uuid, kind text, decision text, approved_size_pct numeric, policy_version int,
       stage text, input text, input_hash text, reasons jsonb, code_version text, expires_at timestamptz, blind jsonb) WHERE r.n = ANY (v_new);

  IF jsonb_array_length(p->'hits') > 0 THEN
    INSERT INTO policy_rule_hits (evaluation_id, code, tier, observed, threshold, message)
    SELECT r.evaluation_id, r.code, r.tier, r.observed, r.threshold, r.message
    FROM jsonb_to_recordset(p->'hits') AS r(n int, evaluation_id uuid, code text, tier text, observed text, threshold text, message text)
    WHERE r.n = ANY (v_new);
  END IF;

  SELECT count(*) INTO v_wanted FROM jsonb_to_recordset(p->'consumed') AS r(n int, signal_id uuid) WHERE r.n = ANY (v_new);
  IF v_wanted > 0 THEN
    UPDATE signals s SET consumed_by = r.by_id, consumed_at = v_at
    FROM jsonb_to_recordset(p->'consumed') AS r(n int, signal_id uuid, by_id uuid)
    WHERE s.id = r.signal_id AND r.n = ANY (v_new) AND s.consumed_by IS NULL;
    GET DIAGNOSTICS v_got = ROW_COUNT;
    IF v_got <> v_wanted THEN RAISE EXCEPTION 'a signal was consumed meanwhile' USING ERRCODE = 'CS001'; END IF;
    UPDATE accounts SET version = version + 1 WHERE id = 1;
  END IF;

  PERFORM place_rows(p, v_new, v_at);
  RETURN jsonb_build_object('status', 'DONE', 'replayed', v_replayed);
END $$;

CREATE OR REPLACE FUNCTION approval_commit(p jsonb) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_at timestamptz(3); v_status text; v_expires timestamptz; v_order uuid; v_by text;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7300001);
  SELECT status, expires_at, order_id, decided_by INTO v_status, v_expires, v_order, v_by
    FROM approvals WHERE id = (p->>'approval_id')::uuid FOR UPDATE;
  IF v_status <> 'PENDING' THEN
    RETURN jsonb_build_object('status', 'DECIDED', 'decision', v_status, 'order_id', v_order, 'by', v_by);
  END IF;
  IF v_expires <= clock_timestamp() THEN RETURN '{"status":"EXPIRED"}'; END IF;
  PERFORM 1 FROM accounts WHERE id = 1 AND version = (p->>'account_version')::bigint FOR UPDATE;
  IF NOT FOUND THEN RETURN '{"status":"STALE"}'; END IF;
  PERFORM 1 FROM trading_state t, settings s
    WHERE t.version = (p->>'trading_version')::bigint AND s.version = (p->>'settings_version')::bigint;
  IF NOT FOUND THEN RETURN '{"status":"STALE"}'; END IF;
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
  UPDATE approvals SET status = 'APPROVED', decided_at = v_at, decided_by = p->>'by', order_id = (p->'orders'->0->>'id')::uuid
    WHERE id = (p->>'approval_id')::uuid;
  PERFORM audit_append(p->>'by', 'approval.approve', 'approval:' || (p->>'approval_id'), NULL,
                       jsonb_build_object('order_id', p->'orders'->0->>'id', 'shown_hash', p->>'shown_hash'), p->>'correlation_id');
  RETURN '{"status":"DONE"}';
END $$;

-- As before, but a candidate that is on its way through the pipeline is not restated: nobody takes its memo's place.
CREATE OR REPLACE FUNCTION evaluation_store(p jsonb) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE v_at timestamptz(3) := (p->>'at')::timestamptz; r jsonb := p->'signal'; e jsonb := p->'evaluation';
BEGIN
  INSERT INTO signals AS s (id, source, strategy, model_version, symbol, action, confidence, size_pct, stop_distance_pct, reasoning, principal_id, created_at, expires_at)
  VALUES ((r->>'id')::uuid, 'REST', r->>'strategy', '', r->>'symbol', r->>'action', (r->>'confidence')::numeric, (r->>'size_pct')::numeric,
          (r->>'stop_distance_pct')::numeric, nullif(r->'reasoning', 'null'), (r->>'principal_id')::uuid, v_at, (r->>'expires_at')::timestamptz)
  ON CONFLICT (id) DO UPDATE SET symbol = excluded.symbol, action = excluded.action, confidence = excluded.confidence, size_pct = excluded.size_pct,
         stop_distance_pct = excluded.stop_distance_pct, reasoning = excluded.reasoning, expires_at = excluded.expires_at
  WHERE s.consumed_by IS NULL AND s.source = 'REST' AND s.principal_id = excluded.principal_id
    AND NOT EXISTS (SELECT 1 FROM signal_tasks t WHERE t.signal_id = s.id) AND NOT EXISTS (SELECT 1 FROM memos m WHERE m.signal_id = s.id);
  IF NOT FOUND AND NOT EXISTS (
    SELECT 1 FROM signals s WHERE s.id = (r->>'id')::uuid AND s.symbol = r->>'symbol' AND s.action = r->>'action'
      AND s.confidence = (r->>'confidence')::numeric AND s.size_pct = (r->>'size_pct')::numeric) THEN
    RETURN 'CONFLICT';
  END IF;
  INSERT INTO policy_evaluations (id, signal_id, kind, decision, approved_size_pct, policy_version, stage, input, input_hash, reasons, code_version, expires_at, created_at)
  VALUES ((e->>'id')::uuid, (r->>'id')::uuid, 'ADVISORY', e->>'decision', (e->>'approved_size_pct')::numeric, (e->>'policy_version')::int,
          e->>'stage', (e->>'input')::jsonb, e->>'input_hash', e->'reasons', e->>'code_version', (e->>'expires_at')::timestamptz, v_at);
  INSERT INTO policy_rule_hits (evaluation_id, code, tier, observed, threshold, message)
  SELECT (e->>'id')::uuid, h.code, h.tier, h.observed, h.threshold, h.message
  FROM jsonb_to_recordset(e->'reasons') AS h(code text, tier text, observed text, threshold text, message text);
  INSERT INTO outbox (id, topic, subject, data, created_at)
  VALUES ((p->>'event_id')::uuid, 'policy.decision.made', r->>'id',
          jsonb_build_object('evaluation_id', e->>'id', 'signal_id', r->>'id', 'symbol', r->>'symbol', 'decision', e->>'decision', 'kind', 'ADVISORY'), v_at);
  RETURN 'STORED';
END $$;

-- A memo is shown to whoever decides: what was stored is what was shown, for ever.
CREATE FUNCTION memo_unchangeable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a memo is never changed';
END $$;
CREATE TRIGGER memos_unchangeable BEFORE UPDATE ON memos FOR EACH ROW EXECUTE FUNCTION memo_unchangeable();

-- News that a memo cites is kept with it.
CREATE INDEX memos_cited ON memos USING gin ((memo -> 'cited_news_ids'));
