-- The gate judges liquidity, correlation and event blackouts too: quotes come with their sizes, features of the order's and of
-- the held symbols, and what is in effect near the market's now. Closes are long and change once a minute: of a symbol that the
-- caller names with the end of the bar it has (p_known_symbols, p_known_at) they are left out (null: unchanged).
DROP FUNCTION gate_read(text[], uuid[], uuid[], text[]);

/* Everything the gate judges from, in one snapshot. Symbols, signals and keys are those of the batch.
   Planned once a connection: planning anew for each batch's arrays takes three times as long as the reading. */
CREATE FUNCTION gate_read(p_symbols text[], p_signals uuid[], p_principals uuid[], p_keys text[],
                          p_known_symbols text[] DEFAULT '{}', p_known_at bigint[] DEFAULT '{}')
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
                  'consumed_by', s.consumed_by,
                  'recent', (SELECT count(*) FROM orders o WHERE o.strategy = s.strategy AND o.created_at > clock_timestamp() - interval '1 minute'))), '[]')
                  FROM signals s WHERE s.id = ANY (p_signals)),
    'keys', (SELECT coalesce(jsonb_agg(jsonb_build_object('principal_id', k.principal_id, 'key', k.key, 'request_hash', k.request_hash,
                  'status_code', k.status_code, 'body', k.body)), '[]')
                  FROM unnest(p_principals, p_keys) AS asked(principal_id, key)
                  JOIN idempotency_keys k ON k.principal_id = asked.principal_id AND k.key = asked.key))
$$;
