-- Kill drills.

-- Requests a kill drill. Returns the reason why it cannot run, or null: the worker will run it.
CREATE OR REPLACE FUNCTION drill_request(p_id uuid, p_actor text, p_principal uuid, p_symbol text, p_orders int, p_correlation text)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
REVOKE ALL ON FUNCTION drill_request(uuid, text, uuid, text, int, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION drill_request(uuid, text, uuid, text, int, text) TO countersign_web, countersign_worker;
