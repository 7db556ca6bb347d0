-- The hot path as functions: one statement reads what the gate needs, one statement commits what it decided.

-- Epoch milliseconds of a time.
CREATE FUNCTION epoch_ms(t timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (extract(epoch FROM t) * 1000)::bigint $$;

/* Appends to the hash chain. Call it LAST in a transaction: it serialises on the chain until commit, and a halt must
   never wait behind somebody who waits for the send lock. hash = SHA-256 of the previous hash and this row's content. */
CREATE FUNCTION audit_append(p_actor text, p_action text, p_target text, p_before jsonb, p_after jsonb, p_correlation text)
RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_id bigint; v_prev text; v_at timestamptz(3);
BEGIN
  PERFORM pg_advisory_xact_lock(7300002);
  SELECT id, hash INTO v_id, v_prev FROM audit_log ORDER BY id DESC LIMIT 1;
  v_id := coalesce(v_id, 0) + 1;
  v_prev := coalesce(v_prev, repeat('0', 64));
  v_at := clock_timestamp();
  INSERT INTO audit_log (id, at, actor, action, target, before, after, correlation_id, prev_hash, hash)
  VALUES (v_id, v_at, p_actor, p_action, p_target, p_before, p_after, p_correlation, v_prev,
          audit_hash(v_prev, v_id, v_at, p_actor, p_action, p_target, p_before, p_after, p_correlation));
  RETURN v_id;
END $$;

CREATE FUNCTION audit_hash(p_prev text, p_id bigint, p_at timestamptz, p_actor text, p_action text, p_target text,
                           p_before jsonb, p_after jsonb, p_correlation text)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(convert_to(jsonb_build_array(p_prev, p_id, epoch_ms(p_at), p_actor, p_action, p_target,
                                                    p_before, p_after, p_correlation)::text, 'UTF8')), 'hex')
$$;

/* Everything the gate judges from, in one snapshot. Symbols, signals and keys are those of the batch.
   Planned once a connection: planning anew for each batch's arrays takes three times as long as the reading. */
CREATE FUNCTION gate_read(p_symbols text[], p_signals uuid[], p_principals uuid[], p_keys text[])
RETURNS jsonb LANGUAGE sql VOLATILE SET plan_cache_mode = force_generic_plan AS $$
  SELECT jsonb_build_object(
    'now', epoch_ms(clock_timestamp()),
    'trading', (SELECT jsonb_build_object('state', state, 'version', version::text) FROM trading_state),
    'settings', (SELECT jsonb_build_object('stage', stage, 'policy_version', active_policy_version, 'version', version::text) FROM settings),
    'account', (SELECT jsonb_build_object('version', version::text, 'cash', cash::text, 'equity', equity::text,
                  'buying_power', buying_power::text, 'last_equity', last_equity::text,
                  'portfolio_at', epoch_ms(portfolio_at), 'reconciled_at', epoch_ms(reconciled_at)) FROM accounts),
    'clock', (SELECT jsonb_build_object('is_open', is_open, 'market_time', epoch_ms(market_time), 'observed_at', epoch_ms(observed_at),
                  'next_close', epoch_ms(next_close), 'speed', speed) FROM market_clock),
    'positions', (SELECT coalesce(jsonb_agg(jsonb_build_object('symbol', p.symbol, 'qty', p.qty::text, 'cost', p.cost::text,
                  'price', coalesce(p.market_price, (q.bid + q.ask) / 2)::text)), '[]')
                  FROM positions p LEFT JOIN quotes q USING (symbol) WHERE p.qty <> 0),
    'working', (SELECT coalesce(jsonb_agg(w), '[]') FROM (
                  SELECT symbol, side, sum(qty - cum_qty)::text AS leaves, sum((qty - cum_qty) * reference_price)::text AS notional
                  FROM orders WHERE status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED') GROUP BY symbol, side) w),
    'quotes', (SELECT coalesce(jsonb_agg(jsonb_build_object('symbol', symbol, 'bid', bid::text, 'ask', ask::text, 'at', epoch_ms(quoted_at))), '[]')
                  FROM quotes WHERE symbol = ANY (p_symbols)),
    'breaks', (SELECT coalesce(jsonb_agg(DISTINCT symbol), '[]') FROM breaks WHERE resolved_at IS NULL),
    'uncertain', (SELECT coalesce(jsonb_agg(DISTINCT symbol), '[]') FROM orders WHERE 'SUBMIT_UNCERTAIN' = ANY (flags)),
    'signals', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'source', s.source, 'strategy', s.strategy, 'symbol', s.symbol,
                  'action', s.action, 'confidence', s.confidence::text, 'size_pct', s.size_pct::text,
                  'stop_distance_pct', s.stop_distance_pct::text, 'reasoning', s.reasoning, 'expires_at', epoch_ms(s.expires_at),
                  'consumed_by', s.consumed_by,
                  'recent', (SELECT count(*) FROM orders o WHERE o.strategy = s.strategy AND o.created_at > clock_timestamp() - interval '1 minute'))), '[]')
                  FROM signals s WHERE s.id = ANY (p_signals)),
    'keys', (SELECT coalesce(jsonb_agg(jsonb_build_object('principal_id', k.principal_id, 'key', k.key, 'request_hash', k.request_hash,
                  'status_code', k.status_code, 'body', k.body)), '[]')
                  FROM unnest(p_principals, p_keys) AS asked(principal_id, key)
                  JOIN idempotency_keys k ON k.principal_id = asked.principal_id AND k.key = asked.key))
$$;

/* Commits a batch of decided placements, all or nothing, if nothing they were judged on has changed:
   {"status":"STALE"} means read and judge again. Rows carry `n`, the place in the batch; those whose key another
   process stored first are left out and returned in "replayed" with what was stored.
   Lock order: send lock (shared), account, rows. */
CREATE FUNCTION gate_commit(p jsonb) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan AS $$
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

  INSERT INTO policy_evaluations (id, signal_id, kind, decision, approved_size_pct, policy_version, stage, input, input_hash, reasons, code_version, expires_at, created_at)
  SELECT r.id, r.signal_id, r.kind, r.decision, r.approved_size_pct, r.policy_version, r.stage, r.input::jsonb, r.input_hash, r.reasons, r.code_version, r.expires_at, v_at
  FROM jsonb_to_recordset(p->'evaluations') AS r(n int, id uuid, signal_id uuid, kind text, decision text, approved_size_pct numeric, policy_version int,
       stage text, input text, input_hash text, reasons jsonb, code_version text, expires_at timestamptz) WHERE r.n = ANY (v_new);

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

-- Orders, approvals, their first events and the outbox of a batch. Shared by gate_commit and approval_commit.
CREATE FUNCTION place_rows(p jsonb, p_new int[], p_at timestamptz) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF jsonb_array_length(p->'orders') > 0 THEN
    INSERT INTO orders (id, kind, signal_id, evaluation_id, approval_id, principal_id, strategy, symbol, side, qty, order_type, limit_price,
                        stop_price, time_in_force, reference_price, position_effect, expires_at, created_at, updated_at)
    SELECT r.id, r.kind, r.signal_id, r.evaluation_id, r.approval_id, r.principal_id, r.strategy, r.symbol, r.side, r.qty, r.order_type, r.limit_price,
           r.stop_price, r.time_in_force, r.reference_price, r.position_effect, r.expires_at, p_at, p_at
    FROM jsonb_to_recordset(p->'orders') AS r(n int, id uuid, kind text, signal_id uuid, evaluation_id uuid, approval_id uuid, principal_id uuid,
         strategy text, symbol text, side text, qty numeric, order_type text, limit_price numeric, stop_price numeric, time_in_force text,
         reference_price numeric, position_effect text, expires_at timestamptz) WHERE r.n = ANY (p_new);
    INSERT INTO execution_events (order_id, type, source, data, at)
    SELECT r.order_id, r.type, r.source, r.data, p_at
    FROM jsonb_to_recordset(p->'events') AS r(n int, order_id uuid, type text, source text, data jsonb) WHERE r.n = ANY (p_new);
  END IF;
  IF jsonb_array_length(p->'approvals') > 0 THEN
    INSERT INTO approvals (id, signal_id, evaluation_id, principal_id, symbol, side, qty, order_type, limit_price, stop_price, time_in_force,
                           reference_price, notional, exposure_after, shown_hash, created_at, expires_at)
    SELECT r.id, r.signal_id, r.evaluation_id, r.principal_id, r.symbol, r.side, r.qty, r.order_type, r.limit_price, r.stop_price, r.time_in_force,
           r.reference_price, r.notional, r.exposure_after, r.shown_hash, p_at, r.expires_at
    FROM jsonb_to_recordset(p->'approvals') AS r(n int, id uuid, signal_id uuid, evaluation_id uuid, principal_id uuid, symbol text, side text, qty numeric,
         order_type text, limit_price numeric, stop_price numeric, time_in_force text, reference_price numeric, notional numeric,
         exposure_after numeric, shown_hash text, expires_at timestamptz) WHERE r.n = ANY (p_new);
  END IF;
  INSERT INTO outbox (id, topic, subject, data, created_at)
  SELECT r.id, r.topic, r.subject, r.data, p_at
  FROM jsonb_to_recordset(p->'outbox') AS r(n int, id uuid, topic text, subject text, data jsonb) WHERE r.n = ANY (p_new);
END $$;

/* Countersigns a pending approval with a decision made anew: same locks and the same staleness rule as gate_commit.
   {"status": DONE | STALE | DECIDED | EXPIRED}; of two approvers one gets DONE. */
CREATE FUNCTION approval_commit(p jsonb) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
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

  INSERT INTO policy_evaluations (id, signal_id, kind, decision, approved_size_pct, policy_version, stage, input, input_hash, reasons, code_version, expires_at, created_at)
  SELECT r.id, r.signal_id, r.kind, r.decision, r.approved_size_pct, r.policy_version, r.stage, r.input::jsonb, r.input_hash, r.reasons, r.code_version, r.expires_at, v_at
  FROM jsonb_to_recordset(p->'evaluations') AS r(id uuid, signal_id uuid, kind text, decision text, approved_size_pct numeric, policy_version int,
       stage text, input text, input_hash text, reasons jsonb, code_version text, expires_at timestamptz);
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

-- Stores an advisory evaluation and registers (or, while it is unconsumed and its principal's own, restates) the candidate.
CREATE FUNCTION evaluation_store(p jsonb) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE v_at timestamptz(3) := (p->>'at')::timestamptz; r jsonb := p->'signal'; e jsonb := p->'evaluation';
BEGIN
  INSERT INTO signals AS s (id, source, strategy, model_version, symbol, action, confidence, size_pct, stop_distance_pct, reasoning, principal_id, created_at, expires_at)
  VALUES ((r->>'id')::uuid, 'REST', r->>'strategy', '', r->>'symbol', r->>'action', (r->>'confidence')::numeric, (r->>'size_pct')::numeric,
          (r->>'stop_distance_pct')::numeric, nullif(r->'reasoning', 'null'), (r->>'principal_id')::uuid, v_at, (r->>'expires_at')::timestamptz)
  ON CONFLICT (id) DO UPDATE SET symbol = excluded.symbol, action = excluded.action, confidence = excluded.confidence, size_pct = excluded.size_pct,
         stop_distance_pct = excluded.stop_distance_pct, reasoning = excluded.reasoning, expires_at = excluded.expires_at
  WHERE s.consumed_by IS NULL AND s.source = 'REST' AND s.principal_id = excluded.principal_id;
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

/* First half of a halt: commits HALTED without waiting for placements or sends. Returns the halt in force.
   A second halt while halted changes nothing. */
CREATE FUNCTION halt_request(p_id uuid, p_event uuid, p_actor text, p_reason text) RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
DECLARE v_halt uuid;
BEGIN
  SELECT halt_id INTO v_halt FROM trading_state WHERE id = 1 FOR UPDATE;
  IF v_halt IS NOT NULL THEN RETURN v_halt; END IF;
  INSERT INTO halts (id, requested_by, reason, requested_at) VALUES (p_id, p_actor, p_reason, clock_timestamp());
  UPDATE trading_state SET state = 'HALTED', version = version + 1, changed_at = clock_timestamp(), changed_by = p_actor, reason = p_reason, halt_id = p_id WHERE id = 1;
  INSERT INTO outbox (id, topic, subject, data) VALUES (p_event, 'trading.state.changed', 'HALTED', jsonb_build_object('state', 'HALTED', 'by', p_actor, 'reason', p_reason, 'halt_id', p_id));
  RETURN p_id;
END $$;

-- Audits a halt once, whoever gets to it first: the halting process, or the worker if that died.
CREATE FUNCTION halt_audit(p_id uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE h halts%ROWTYPE;
BEGIN
  PERFORM pg_advisory_xact_lock(7300002);
  IF EXISTS (SELECT 1 FROM audit_log WHERE action = 'trading.halt' AND target = 'halt:' || p_id) THEN RETURN; END IF;
  SELECT * INTO h FROM halts WHERE id = p_id;
  PERFORM audit_append(h.requested_by, 'trading.halt', 'halt:' || p_id, NULL, jsonb_build_object('state', 'HALTED', 'reason', h.reason, 'requested_at', epoch_ms(h.requested_at)), NULL);
END $$;

-- Second half: called while the send lock is held exclusively. From now on only cancels and flatten leave.
CREATE FUNCTION halt_acknowledge(p_id uuid) RETURNS void LANGUAGE sql VOLATILE AS $$
  UPDATE halts SET acknowledged_at = clock_timestamp() WHERE id = p_id AND acknowledged_at IS NULL;
  UPDATE orders SET cancel_requested = true, updated_at = clock_timestamp()
    WHERE status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED') AND kind <> 'FLATTEN' AND NOT cancel_requested;
  INSERT INTO outbox (id, topic, subject, data) VALUES (gen_random_uuid(), 'trading.halt.acknowledged', p_id::text, jsonb_build_object('halt_id', p_id));
$$;

-- At least REDUCING: never loosens. Also called by the booking of an overfill, with its own reason.
CREATE FUNCTION trading_reduce(p_actor text, p_reason text, p_correlation text, p_event uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE v_state text;
BEGIN
  SELECT state INTO v_state FROM trading_state WHERE id = 1 FOR UPDATE;
  IF v_state <> 'ACTIVE' THEN RETURN; END IF;
  UPDATE trading_state SET state = 'REDUCING', version = version + 1, changed_at = clock_timestamp(), changed_by = p_actor, reason = p_reason WHERE id = 1;
  INSERT INTO outbox (id, topic, subject, data) VALUES (p_event, 'trading.state.changed', 'REDUCING', jsonb_build_object('state', 'REDUCING', 'by', p_actor, 'reason', p_reason));
  PERFORM audit_append(p_actor, 'trading.reduce', 'trading-state', jsonb_build_object('state', v_state), jsonb_build_object('state', 'REDUCING', 'reason', p_reason), p_correlation);
END $$;

-- Releases to ACTIVE, or returns what stands in the way. Empty array: released (or already active).
CREATE FUNCTION trading_release(p_actor text, p_reason text, p_correlation text, p_event uuid, p_max_age_ms bigint)
RETURNS text[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE v trading_state%ROWTYPE; v_obstacles text[] := '{}'; v_breaks int;
BEGIN
  SELECT * INTO v FROM trading_state WHERE id = 1 FOR UPDATE;
  IF v.state = 'ACTIVE' THEN RETURN v_obstacles; END IF;
  IF v.halt_id IS NOT NULL AND EXISTS (SELECT 1 FROM halts WHERE id = v.halt_id AND verified_at IS NULL) THEN
    v_obstacles := v_obstacles || 'the halt is not verified yet: orders may still be working at the broker'::text;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM accounts WHERE failed_rounds = 0 AND reconciled_at > clock_timestamp() - p_max_age_ms * interval '1 millisecond') THEN
    v_obstacles := v_obstacles || 'there is no recent clean reconciliation: is the worker running and the broker answering?'::text;
  END IF;
  SELECT count(*) INTO v_breaks FROM breaks WHERE resolved_at IS NULL;
  IF v_breaks > 0 THEN v_obstacles := v_obstacles || format('%s reconciliation break(s) are unresolved', v_breaks); END IF;
  IF cardinality(v_obstacles) > 0 THEN RETURN v_obstacles; END IF;
  UPDATE halts SET released_at = clock_timestamp(), released_by = p_actor, release_reason = p_reason WHERE id = v.halt_id;
  UPDATE trading_state SET state = 'ACTIVE', version = version + 1, changed_at = clock_timestamp(), changed_by = p_actor, reason = p_reason, halt_id = NULL WHERE id = 1;
  INSERT INTO outbox (id, topic, subject, data) VALUES (p_event, 'trading.state.changed', 'ACTIVE', jsonb_build_object('state', 'ACTIVE', 'by', p_actor, 'reason', p_reason));
  PERFORM audit_append(p_actor, 'trading.release', 'trading-state', jsonb_build_object('state', v.state), jsonb_build_object('state', 'ACTIVE', 'reason', p_reason), p_correlation);
  RETURN v_obstacles;
END $$;

-- A person closes a break with a reason. Returns false when it is not open.
CREATE FUNCTION break_resolve(p_id uuid, p_actor text, p_reason text, p_correlation text, p_event uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE b breaks%ROWTYPE;
BEGIN
  UPDATE breaks SET resolved_at = clock_timestamp(), resolved_by = p_actor, reason = p_reason WHERE id = p_id AND resolved_at IS NULL RETURNING * INTO b;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO outbox (id, topic, subject, data) VALUES (p_event, 'break.resolved', b.symbol, jsonb_build_object('break_id', p_id, 'symbol', b.symbol, 'cause', b.cause, 'by', p_actor, 'reason', p_reason));
  PERFORM audit_append(p_actor, 'break.resolve', 'break:' || p_id, jsonb_build_object('cause', b.cause, 'ours', b.ours, 'theirs', b.theirs), jsonb_build_object('reason', p_reason), p_correlation);
  RETURN true;
END $$;

-- Asks for the cancel of a live order. Returns its status before, or null when there is no such order.
CREATE FUNCTION order_cancel_request(p_order uuid, p_actor text, p_source text, p_reason text, p_correlation text, p_event uuid)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE o orders%ROWTYPE; v_unsent boolean;
BEGIN
  SELECT * INTO o FROM orders WHERE id = p_order FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF o.status NOT IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED') THEN RETURN jsonb_build_object('status', o.status, 'asked', false); END IF;
  IF o.cancel_requested THEN RETURN jsonb_build_object('status', 'CANCEL_PENDING', 'asked', true); END IF;
  v_unsent := o.status = 'NEW' AND o.claimed_at IS NULL AND o.external_order_id IS NULL;
  IF v_unsent THEN
    -- Never claimed for sending: it cannot be at the broker, so it closes here.
    UPDATE orders SET status = 'CANCELLED', pending = 'NONE', cancel_requested = false, closed_at = clock_timestamp(), updated_at = clock_timestamp() WHERE id = p_order;
    INSERT INTO execution_events (order_id, type, source, data, at) VALUES (p_order, 'cancelled', p_source, jsonb_build_object('by', p_actor, 'reason', p_reason, 'unsent', true), clock_timestamp());
    INSERT INTO outbox (id, topic, subject, data) VALUES (p_event, 'order.cancelled', p_order::text, jsonb_build_object('order_id', p_order, 'symbol', o.symbol, 'unsent', true));
  ELSE
    UPDATE orders SET cancel_requested = true, pending = 'CANCEL', updated_at = clock_timestamp() WHERE id = p_order;
    INSERT INTO execution_events (order_id, type, source, data, at) VALUES (p_order, 'cancel_requested', p_source, jsonb_build_object('by', p_actor, 'reason', p_reason), clock_timestamp());
    INSERT INTO outbox (id, topic, subject, data) VALUES (p_event, 'order.cancel_requested', p_order::text, jsonb_build_object('order_id', p_order, 'symbol', o.symbol));
  END IF;
  PERFORM audit_append(p_actor, 'order.cancel', 'order:' || p_order, jsonb_build_object('status', o.status), jsonb_build_object('reason', p_reason), p_correlation);
  RETURN jsonb_build_object('status', CASE WHEN v_unsent THEN 'CANCELLED' ELSE 'CANCEL_PENDING' END, 'asked', true);
END $$;

-- Rejects a pending approval with a reason. Returns DONE, NOT_FOUND or the status that was decided before.
CREATE FUNCTION approval_reject(p_id uuid, p_actor text, p_reason text, p_correlation text, p_event uuid) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
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

-- Records a countersignature that was refused, on the approval and in the audit chain; it stays pending until it expires.
CREATE FUNCTION approval_refused(p_id uuid, p_actor text, p_refusal jsonb, p_correlation text, p_event uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  UPDATE approvals SET refusals = refusals || jsonb_build_array(p_refusal) WHERE id = p_id AND status = 'PENDING';
  INSERT INTO outbox (id, topic, subject, data) VALUES (p_event, 'approval.refused', p_id::text, p_refusal || jsonb_build_object('approval_id', p_id));
  PERFORM audit_append(p_actor, 'approval.approve.refused', 'approval:' || p_id, NULL, p_refusal, p_correlation);
END $$;

-- Expires what nobody decided. Expired means rejected. Returns how many.
CREATE FUNCTION approvals_expire() RETURNS int LANGUAGE plpgsql VOLATILE AS $$
DECLARE v int;
BEGIN
  WITH gone AS (
    UPDATE approvals SET status = 'EXPIRED', decided_at = clock_timestamp(), decided_by = 'system', reason = 'nobody decided in time'
    WHERE id IN (SELECT id FROM approvals WHERE status = 'PENDING' AND expires_at <= clock_timestamp() FOR UPDATE SKIP LOCKED) RETURNING id),
  told AS (
    INSERT INTO outbox (id, topic, subject, data)
    SELECT gen_random_uuid(), 'approval.decided', id::text, jsonb_build_object('approval_id', id, 'status', 'EXPIRED', 'by', 'system') FROM gone RETURNING 1)
  SELECT count(*) INTO v FROM told;
  RETURN v;
END $$;

/* An audited flatten of one position: asks for the cancel of what works in the symbol and places a market sell of all that
   is held, kind FLATTEN, which needs no decision. Returns the order id; null when nothing is held or a flatten already works. */
CREATE FUNCTION order_flatten(p_symbol text, p_order uuid, p_principal uuid, p_actor text, p_reason text, p_correlation text)
RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
DECLARE v_qty numeric; v_price numeric; o record;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7300001);
  PERFORM 1 FROM accounts WHERE id = 1 FOR UPDATE;
  SELECT p.qty, coalesce(q.bid, p.market_price, p.cost / nullif(p.qty, 0)) INTO v_qty, v_price
    FROM positions p LEFT JOIN quotes q USING (symbol) WHERE p.symbol = p_symbol;
  IF coalesce(v_qty, 0) <= 0 THEN RETURN NULL; END IF;
  IF EXISTS (SELECT 1 FROM orders WHERE symbol = p_symbol AND kind = 'FLATTEN' AND status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')) THEN RETURN NULL; END IF;
  INSERT INTO orders (id, kind, principal_id, strategy, symbol, side, qty, order_type, time_in_force, reference_price, position_effect, created_at, updated_at)
  VALUES (p_order, 'FLATTEN', p_principal, '', p_symbol, 'SELL', v_qty, 'MARKET', 'DAY', coalesce(v_price, 0), 'REDUCE', clock_timestamp(), clock_timestamp());
  INSERT INTO execution_events (order_id, type, source, data, at)
  VALUES (p_order, 'created', 'OPERATOR', jsonb_build_object('by', p_actor, 'reason', p_reason, 'kind', 'FLATTEN'), clock_timestamp());
  UPDATE accounts SET version = version + 1 WHERE id = 1;
  INSERT INTO outbox (id, topic, subject, data)
  VALUES (gen_random_uuid(), 'order.created', p_order::text, jsonb_build_object('order_id', p_order, 'symbol', p_symbol, 'side', 'SELL', 'qty', v_qty::text, 'kind', 'FLATTEN'));
  PERFORM audit_append(p_actor, 'position.flatten', 'order:' || p_order, jsonb_build_object('symbol', p_symbol, 'qty', v_qty::text), jsonb_build_object('reason', p_reason), p_correlation);
  RETURN p_order;
END $$;
