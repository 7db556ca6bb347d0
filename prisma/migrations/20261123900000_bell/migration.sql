/* The close before the bell sells what the broker held when it was ASKED, which may be seconds ago by now: whatever sold of the
   symbol since, or just before, is not in its answer. So its age counts, and so does the wait for the lock, as the age is taken
   before it. Every booking of a fill changes its order, so that the orders tell. No upper bound: an order that changed in what is
   the future since the clock was set back may have changed just now. Nothing is sold once the stage has changed or at the close;
   an order that has not left by then never leaves. */
DROP FUNCTION order_close_at_bell(text, numeric, uuid, uuid, text, text);

/* p_age_ms: since the broker was asked. p_close_in_ms: from then until the close. Both wall time. */
CREATE FUNCTION order_close_at_bell(p_symbol text, p_qty numeric, p_order uuid, p_principal uuid, p_actor text, p_reason text,
  p_stage text, p_age_ms float8, p_close_in_ms float8)
RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_price numeric;
  v_asked timestamptz := clock_timestamp() - p_age_ms * interval '1 millisecond';
  v_close timestamptz := v_asked + p_close_in_ms * interval '1 millisecond';
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7300001);
  PERFORM 1 FROM accounts WHERE id = 1 FOR UPDATE;
  IF v_close <= clock_timestamp() OR NOT EXISTS (SELECT 1 FROM settings WHERE id = 1 AND stage = p_stage) THEN RETURN NULL; END IF;
  IF EXISTS (SELECT 1 FROM orders WHERE symbol = p_symbol AND side = 'SELL' AND (status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')
               OR updated_at > v_asked - interval '2 seconds')) THEN
    RETURN NULL;
  END IF;
  INSERT INTO positions (symbol, qty, cost, broker_qty, updated_at) VALUES (p_symbol, 0, 0, p_qty, clock_timestamp())
    ON CONFLICT (symbol) DO UPDATE SET broker_qty = excluded.broker_qty;
  SELECT coalesce(q.bid, p.market_price, 0) INTO v_price FROM positions p LEFT JOIN quotes q USING (symbol) WHERE p.symbol = p_symbol;
  INSERT INTO orders (id, kind, principal_id, strategy, symbol, side, qty, order_type, time_in_force, reference_price, position_effect, expires_at, created_at, updated_at)
  VALUES (p_order, 'FLATTEN', p_principal, 'close-at-bell', p_symbol, 'SELL', p_qty, 'MARKET', 'DAY', v_price, 'REDUCE', v_close, clock_timestamp(), clock_timestamp());
  INSERT INTO execution_events (order_id, type, source, data, at)
  VALUES (p_order, 'created', 'WORKER', jsonb_build_object('by', p_actor, 'reason', p_reason, 'kind', 'FLATTEN'), clock_timestamp());
  UPDATE accounts SET version = version + 1 WHERE id = 1;
  INSERT INTO outbox (id, topic, subject, data)
  VALUES (gen_random_uuid(), 'order.created', p_order::text, jsonb_build_object('order_id', p_order, 'symbol', p_symbol, 'side', 'SELL', 'qty', p_qty::text, 'kind', 'FLATTEN'));
  PERFORM audit_append(p_actor, 'position.flatten', 'order:' || p_order, jsonb_build_object('symbol', p_symbol, 'qty', p_qty::text), jsonb_build_object('reason', p_reason), p_order::text);
  RETURN p_order;
END $$;
