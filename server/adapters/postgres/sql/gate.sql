-- The hot path of placing: one statement reads what the gate needs, one statement commits what it decided.

/* Everything the gate judges from, in one snapshot. Symbols, signals and keys are those of the batch. `closes` are long and change
   once a minute: they are null (unchanged) for a symbol that the caller names with the end of the bar it already has
   (p_known_symbols, p_known_at).
   The plan is cached per connection: planning for each batch's arrays takes three times as long as reading. */
CREATE OR REPLACE FUNCTION gate_read(p_symbols text[], p_signals uuid[], p_principals uuid[], p_keys text[],
                          p_known_symbols text[] DEFAULT '{}', p_known_at bigint[] DEFAULT '{}')
RETURNS jsonb LANGUAGE sql VOLATILE SET plan_cache_mode = force_generic_plan AS $$
  SELECT jsonb_build_object(
    'now', epoch_ms(clock_timestamp()),
    'trading', (SELECT jsonb_build_object('state', state, 'version', version::text) FROM trading_state),
    'settings', (SELECT jsonb_build_object('stage', stage, 'policy_version', active_policy_version, 'version', version::text) FROM settings),
    -- Cash by our own ledger at this moment: a fill takes its cash as it frees its reservation. Before the first round of this version, cash as last read.
    'account', (SELECT jsonb_build_object('version', a.version::text,
                  -- READ_FIGURES of server/domain/policy: passed on as they are.
                  'figures', jsonb_build_object('equity', a.equity::text, 'previous_close_equity', a.last_equity::text,
                    'requests_used', r.used + (SELECT count(*) FROM orders WHERE status = 'NEW' AND claimed_at IS NULL), 'requests_allowed', r.allowed),
                  'cash', coalesce(a.ledger_cash + (
                    SELECT coalesce(sum(p.amount), 0) FROM ledger_entries e JOIN ledger_postings p ON p.entry_id = e.id
                    WHERE e.booked_at > a.ledger_cash_at AND p.account = 'CASH'), a.cash)::text,
                  'buying_power', a.buying_power::text, 'buying_power_cash', a.buying_power_cash::text,
                  -- Only where the policy limits it: it reads the fills of the day.
                  'opened_fills', CASE WHEN active.body->>'max_daily_turnover' IS NOT NULL THEN (
                    SELECT coalesce(sum(f.qty * f.price), 0)::text FROM fills f JOIN orders o ON o.id = f.order_id
                    WHERE f.at > coalesce(a.close_at, '-infinity') AND NOT f.busted AND o.kind = 'GATED' AND o.position_effect = 'OPEN') END,
                  'portfolio_at', epoch_ms(a.portfolio_at), 'reconciled_at', epoch_ms(a.reconciled_at))
                  FROM accounts a LEFT JOIN (SELECT p.body FROM settings s JOIN policy_versions p ON p.version = s.active_policy_version) active ON true
                  -- Of the workers that live; each counts its own requests.
                  CROSS JOIN LATERAL (
                    SELECT sum((info->'brokerHealth'->>'requestsUsed')::float8)::int AS used, min((info->'brokerHealth'->>'requestsPerMinute')::float8)::int AS allowed
                    FROM worker_heartbeats WHERE beat_at > clock_timestamp() - interval '15 seconds' AND info ? 'brokerHealth') r),
    'clock', (SELECT jsonb_build_object('is_open', is_open, 'market_time', epoch_ms(market_time), 'observed_at', epoch_ms(observed_at),
                  'next_close', epoch_ms(next_close), 'speed', speed) FROM market_clock),
    'positions', (SELECT coalesce(jsonb_agg(jsonb_build_object('symbol', p.symbol, 'qty', p.qty::text, 'cost', p.cost::text,
                  'price', coalesce(p.market_price, (q.bid + q.ask) / 2)::text)), '[]')
                  FROM positions p LEFT JOIN quotes q USING (symbol) WHERE p.qty <> 0),
    'working', (SELECT coalesce(jsonb_agg(w), '[]') FROM (
                  SELECT symbol, side, sum(leaves)::text AS leaves, sum(protected)::text AS protected,
                    -- Null: nobody can say what a buy may cost.
                    CASE WHEN bool_and(price IS NOT NULL) THEN sum(leaves * price)::text END AS notional,
                    count(*) FILTER (WHERE opens) AS opening, coalesce(sum(leaves * price) FILTER (WHERE opens), 0)::text AS opening_notional,
                    coalesce(bool_or(order_type NOT IN ('LIMIT', 'STOP_LIMIT')), false) AS at_market,
                    min(limit_price)::text AS lowest, max(limit_price)::text AS highest
                  FROM (
                    -- A foreign market order has no price of its own: it reserves what it may cost now.
                    -- A protective stop takes nothing away from a closing order, which ends it.
                    SELECT f.symbol, f.side, CASE f.kind WHEN 'PROTECTIVE' THEN 0 ELSE f.qty - f.cum_qty END AS leaves,
                      CASE f.kind WHEN 'PROTECTIVE' THEN f.qty - f.cum_qty ELSE 0 END AS protected, coalesce(nullif(f.reference_price, 0), nullif(greatest(q.bid, q.ask), 0), h.market_price) AS price,
                      f.kind = 'GATED' AND f.position_effect = 'OPEN' AS opens, f.order_type, f.limit_price
                    FROM orders f LEFT JOIN quotes q ON q.symbol = f.symbol LEFT JOIN positions h ON h.symbol = f.symbol
                    WHERE f.status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')
                    -- What an exit will sell and has no order yet is not there for others to sell.
                    UNION ALL SELECT e.symbol, 'SELL', greatest(least(h.qty, e.qty - x.filled) - x.working, 0), 0, 0, false, NULL, NULL
                    FROM exits e JOIN positions h ON h.symbol = e.symbol CROSS JOIN LATERAL (
                      SELECT coalesce(sum(f.cum_qty), 0) AS filled,
                        coalesce(sum(f.qty - f.cum_qty) FILTER (WHERE f.status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')), 0) AS working
                      FROM orders f WHERE f.exit_id = e.id) x
                    WHERE e.ended_at IS NULL AND h.qty > 0) o GROUP BY symbol, side) w),
    -- Orders by amount that nobody here placed have no row until they have ended: their breaks reserve for them.
    'foreign', (SELECT coalesce(jsonb_agg(b.theirs->>'notional'), '[]') FROM breaks b
                  WHERE b.resolved_at IS NULL AND b.cause = 'EXTERNAL_ORDER' AND b.order_id IS NULL AND b.theirs->>'side' IS DISTINCT FROM 'SELL'
                    AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.external_order_id = b.theirs->>'external_order_id')),
    'openings', (SELECT coalesce(jsonb_agg(r), '[]')
                  FROM (SELECT clock_timestamp() - (p.body->>'duplicate_window_seconds')::float8 * interval '1 second' AS since
                        FROM settings s JOIN policy_versions p ON p.version = s.active_policy_version) w
                  CROSS JOIN LATERAL (
                    SELECT o.principal_id, o.strategy, o.symbol, o.side, o.qty::text, o.order_type, o.limit_price::text FROM orders o
                    WHERE o.symbol = ANY (p_symbols) AND o.kind = 'GATED' AND o.position_effect = 'OPEN' AND o.created_at >= w.since
                    UNION ALL
                    SELECT a.principal_id, g.strategy, a.symbol, a.side, a.qty::text, a.order_type, a.limit_price::text
                    FROM approvals a JOIN signals g ON g.id = a.signal_id
                    WHERE a.symbol = ANY (p_symbols) AND a.status = 'PENDING' AND a.created_at >= w.since) r),
    'quotes', (SELECT coalesce(jsonb_agg(jsonb_build_object('symbol', symbol, 'bid', bid::text, 'ask', ask::text,
                  'bid_size', bid_size::text, 'ask_size', ask_size::text, 'at', epoch_ms(quoted_at))), '[]')
                  FROM quotes WHERE symbol = ANY (p_symbols)),
    'features', (SELECT coalesce(jsonb_agg(jsonb_build_object('symbol', f.symbol, 'at', epoch_ms(f.at),
                  'dollars_per_minute', f.dollars_per_minute,
                  'closes', CASE WHEN k.at IS DISTINCT FROM epoch_ms(f.at) THEN f.closes END)), '[]')
                  FROM features f LEFT JOIN unnest(p_known_symbols, p_known_at) AS k(symbol, at) ON k.symbol = f.symbol
                  WHERE f.symbol = ANY (ARRAY(SELECT symbol FROM positions WHERE qty <> 0) || p_symbols)),
    -- An hour either side of the market's now: which of them are in effect is decided where it can be repeated.
    'events', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'symbol', e.symbol, 'from', epoch_ms(e.starts_at), 'until', epoch_ms(e.ends_at))), '[]')
                  FROM market_events e, (SELECT market_time + (clock_timestamp() - observed_at) * speed AS now FROM market_clock) m
                  WHERE e.removed_at IS NULL AND (e.symbol IS NULL OR e.symbol = ANY (p_symbols))
                    AND e.ends_at > m.now - interval '1 hour' AND e.starts_at < m.now + interval '1 hour'),
    'breaks', (SELECT coalesce(jsonb_agg(DISTINCT symbol), '[]') FROM breaks WHERE resolved_at IS NULL),
    'uncertain', (SELECT coalesce(jsonb_agg(DISTINCT symbol), '[]') FROM orders WHERE 'SUBMIT_UNCERTAIN' = ANY (flags)),
    'signals', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'source', s.source, 'strategy', s.strategy, 'symbol', s.symbol,
                  'action', s.action, 'confidence', s.confidence::text, 'size_pct', s.size_pct::text,
                  'stop_distance_pct', s.stop_distance_pct::text, 'reasoning', s.reasoning, 'expires_at', epoch_ms(s.expires_at),
                  'consumed_by', s.consumed_by, 'principal_id', s.principal_id,
                  'queued', EXISTS (SELECT 1 FROM signal_tasks t WHERE t.signal_id = s.id AND t.state = 'QUEUED'),
                  'recent', (SELECT count(*) FROM orders o WHERE o.strategy = s.strategy AND o.kind <> 'PROTECTIVE' AND o.created_at > clock_timestamp() - interval '1 minute')
                    -- A review counts too; one that was approved counts as its order. A signal's own approval does not count against it.
                    + (SELECT count(*) FROM approvals a JOIN signals g ON g.id = a.signal_id WHERE g.strategy = s.strategy AND g.id <> s.id
                         AND a.order_id IS NULL AND a.created_at > clock_timestamp() - interval '1 minute'),
                  -- What a closing signal without a quantity closes: fills of its strategy since the position was opened, less its working sales.
                  'strategy_qty', coalesce((SELECT sum(
                      (SELECT coalesce(sum(CASE WHEN f.side = 'BUY' THEN f.qty ELSE -f.qty END), 0) FROM fills f
                        WHERE f.order_id = o.id AND NOT f.busted AND f.booked_at >= coalesce(h.opened_at, '-infinity'))
                      - CASE WHEN o.side = 'SELL' AND o.kind <> 'PROTECTIVE' AND o.status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED') THEN o.qty - o.cum_qty ELSE 0 END)
                    FROM positions h JOIN orders o ON o.symbol = h.symbol AND o.strategy = s.strategy
                    WHERE s.action = 'SELL' AND h.symbol = s.symbol AND h.qty > 0), 0)::text)), '[]')
                  FROM signals s WHERE s.id = ANY (p_signals)),
    'keys', (SELECT coalesce(jsonb_agg(jsonb_build_object('principal_id', k.principal_id, 'key', k.key, 'request_hash', k.request_hash,
                  'status_code', k.status_code, 'body', k.body)), '[]')
                  FROM unnest(p_principals, p_keys) AS asked(principal_id, key)
                  JOIN idempotency_keys k ON k.principal_id = asked.principal_id AND k.key = asked.key))
$$;
REVOKE ALL ON FUNCTION gate_read(text[], uuid[], uuid[], text[], text[], bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gate_read(text[], uuid[], uuid[], text[], text[], bigint[]) TO countersign_web, countersign_worker;

-- Stores the orders, approvals, first execution events and outbox rows of a batch. Used by gate_commit and approval_commit.
CREATE OR REPLACE FUNCTION place_rows(p jsonb, p_new int[], p_at timestamptz) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE v_exit record;
BEGIN
  -- One exit of a symbol is open: a second order is added to it (X-4).
  IF jsonb_array_length(p->'exits') > 0 THEN
    FOR v_exit IN
      SELECT r.* FROM jsonb_to_recordset(p->'exits') AS r(n int, id uuid, symbol text, qty numeric, strategy text, evaluation_id uuid,
        principal_id uuid, requested_by text, correlation_id text, reason text) WHERE r.n = ANY (p_new) ORDER BY r.n
    LOOP
      WITH stored AS (
        INSERT INTO exits AS e (id, symbol, source, requested_by, principal_id, correlation_id, reason, qty, strategy, evaluation_id, requested_at, progress_at)
        VALUES (v_exit.id, v_exit.symbol, 'SIGNAL', v_exit.requested_by, v_exit.principal_id, v_exit.correlation_id, v_exit.reason,
                v_exit.qty, v_exit.strategy, v_exit.evaluation_id, p_at, p_at)
        ON CONFLICT (symbol) WHERE ended_at IS NULL DO UPDATE SET qty = e.qty + excluded.qty,
          strategy = CASE WHEN e.strategy = excluded.strategy THEN e.strategy ELSE '' END
        RETURNING id, symbol, reason)
      INSERT INTO outbox (id, topic, subject, data, created_at)
      SELECT gen_random_uuid(), 'exit.requested', id::text, jsonb_build_object('exit_id', id, 'symbol', symbol, 'reason', reason), p_at FROM stored;
    END LOOP;
  END IF;
  IF jsonb_array_length(p->'orders') > 0 THEN
    INSERT INTO orders (id, kind, signal_id, evaluation_id, approval_id, principal_id, strategy, symbol, side, qty, order_type, limit_price,
                        stop_price, protective_stop_price, time_in_force, reference_price, position_effect, expires_at, created_at, updated_at, held, exit_id)
    SELECT r.id, r.kind, r.signal_id, r.evaluation_id, r.approval_id, r.principal_id, r.strategy, r.symbol, r.side, r.qty, r.order_type, r.limit_price,
           r.stop_price, r.protective_stop_price, r.time_in_force, r.reference_price, r.position_effect, r.expires_at, p_at, p_at,
           coalesce(r.held, false), CASE WHEN r.kind = 'FLATTEN' THEN (SELECT e.id FROM exits e WHERE e.symbol = r.symbol AND e.ended_at IS NULL) END
    FROM jsonb_to_recordset(p->'orders') AS r(n int, id uuid, kind text, held boolean, signal_id uuid, evaluation_id uuid, approval_id uuid, principal_id uuid,
         strategy text, symbol text, side text, qty numeric, order_type text, limit_price numeric, stop_price numeric,
         protective_stop_price numeric, time_in_force text, reference_price numeric, position_effect text, expires_at timestamptz) WHERE r.n = ANY (p_new);
    INSERT INTO execution_events (order_id, type, source, data, at)
    SELECT r.order_id, r.type, r.source, r.data, p_at
    FROM jsonb_to_recordset(p->'events') AS r(n int, order_id uuid, type text, source text, data jsonb) WHERE r.n = ANY (p_new);
  END IF;
  IF jsonb_array_length(p->'approvals') > 0 THEN
    INSERT INTO approvals (id, signal_id, evaluation_id, principal_id, symbol, side, qty, order_type, limit_price, stop_price,
                           protective_stop_price, time_in_force, reference_price, notional, exposure_after, shown_hash, created_at, expires_at)
    SELECT r.id, r.signal_id, r.evaluation_id, r.principal_id, r.symbol, r.side, r.qty, r.order_type, r.limit_price, r.stop_price,
           r.protective_stop_price, r.time_in_force, r.reference_price, r.notional, r.exposure_after, r.shown_hash, p_at, r.expires_at
    FROM jsonb_to_recordset(p->'approvals') AS r(n int, id uuid, signal_id uuid, evaluation_id uuid, principal_id uuid, symbol text, side text, qty numeric,
         order_type text, limit_price numeric, stop_price numeric, protective_stop_price numeric, time_in_force text, reference_price numeric, notional numeric,
         exposure_after numeric, shown_hash text, expires_at timestamptz) WHERE r.n = ANY (p_new);
  END IF;
  INSERT INTO outbox (id, topic, subject, data, created_at)
  SELECT r.id, r.topic, r.subject, r.data, p_at
  FROM jsonb_to_recordset(p->'outbox') AS r(n int, id uuid, topic text, subject text, data jsonb) WHERE r.n = ANY (p_new);
END $$;
REVOKE ALL ON FUNCTION place_rows(jsonb, int[], timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION place_rows(jsonb, int[], timestamptz) FROM countersign_web, countersign_worker;

/* Commits a batch of decided placements, all or nothing, if nothing they were judged on has changed:
   {"status": "STALE"} means read and judge again. Rows carry `n`, their place in the batch. Rows whose idempotency key another
   process stored first are left out, and "replayed" returns what was stored for them.
   Lock order: send lock (shared), account, rows. */
CREATE OR REPLACE FUNCTION gate_commit(p jsonb) RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_new int[]; v_replayed jsonb; v_wanted int; v_got int; v_at timestamptz(3);
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7300001);
  PERFORM 1 FROM accounts WHERE id = 1 AND version = (p->>'account_version')::bigint FOR UPDATE;
  IF NOT FOUND THEN RETURN '{"status":"STALE"}'; END IF;
  -- A separate statement, started after the lock was taken: it sees a halt that was committed while we waited.
  PERFORM 1 FROM trading_state t, settings s
    WHERE t.version = (p->>'trading_version')::bigint AND s.version = (p->>'settings_version')::bigint
      AND NOT EXISTS (SELECT 1 FROM jsonb_to_recordset(p->'evaluations') AS e(policy_version int, stage text)
                      WHERE (e.policy_version, e.stage) IS DISTINCT FROM (s.active_policy_version, s.stage));
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
    JOIN jsonb_to_recordset(p->'keys') AS k(n int, principal_id uuid) USING (n)
    WHERE s.id = r.signal_id AND r.n = ANY (v_new) AND s.consumed_by IS NULL
      -- Same rule as `belongsToAnother` in server/application/placing; the id is the principal of strategies.
      AND (s.principal_id IS NULL OR s.principal_id = k.principal_id
           OR (s.principal_id = '00000000-0000-7000-8000-000000000001'
               AND NOT EXISTS (SELECT 1 FROM signal_tasks t WHERE t.signal_id = s.id AND t.state = 'QUEUED')));
    GET DIAGNOSTICS v_got = ROW_COUNT;
    IF v_got <> v_wanted THEN
      RAISE EXCEPTION 'a signal was consumed meanwhile, or belongs to another principal' USING ERRCODE = 'CS001';
    END IF;
    UPDATE accounts SET version = version + 1 WHERE id = 1;
  END IF;

  PERFORM place_rows(p, v_new, v_at);
  RETURN jsonb_build_object('status', 'DONE', 'replayed', v_replayed);
END $$;
REVOKE ALL ON FUNCTION gate_commit(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gate_commit(jsonb) TO countersign_web, countersign_worker;

/* Stores an advisory evaluation and registers its candidate. A candidate of the same principal is updated while it is neither
   consumed nor in the pipeline. Returns STORED, or CONFLICT when the id belongs to a different candidate. */
CREATE OR REPLACE FUNCTION evaluation_store(p jsonb) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
      AND s.confidence = (r->>'confidence')::numeric AND s.size_pct = (r->>'size_pct')::numeric
      -- Advice belongs to its principal: it is not stored beside the decisions on another principal's signal.
      AND (s.principal_id IS NULL OR s.principal_id = (r->>'principal_id')::uuid)) THEN
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
REVOKE ALL ON FUNCTION evaluation_store(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION evaluation_store(jsonb) TO countersign_web, countersign_worker;
