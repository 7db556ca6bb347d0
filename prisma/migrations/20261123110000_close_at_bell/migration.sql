/* The automatic close before the bell: an audited market sell of all that the BROKER holds, kind FLATTEN, whatever our books or
   our market data say. What the broker said is stored beside, for the judgement before the order leaves. Returns the order id;
   null, to be tried again soon, while a sell of the symbol works or has changed just now: the broker may have answered before. */
CREATE FUNCTION order_close_at_bell(p_symbol text, p_qty numeric, p_order uuid, p_principal uuid, p_actor text, p_reason text)
RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
DECLARE v_price numeric;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7300001);
  PERFORM 1 FROM accounts WHERE id = 1 FOR UPDATE;
  IF EXISTS (SELECT 1 FROM orders WHERE symbol = p_symbol AND side = 'SELL' AND (status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')
               OR updated_at BETWEEN clock_timestamp() - interval '2 seconds' AND clock_timestamp() + interval '2 seconds')) THEN
    RETURN NULL;
  END IF;
  INSERT INTO positions (symbol, qty, cost, broker_qty, updated_at) VALUES (p_symbol, 0, 0, p_qty, clock_timestamp())
    ON CONFLICT (symbol) DO UPDATE SET broker_qty = excluded.broker_qty;
  SELECT coalesce(q.bid, p.market_price, 0) INTO v_price FROM positions p LEFT JOIN quotes q USING (symbol) WHERE p.symbol = p_symbol;
  INSERT INTO orders (id, kind, principal_id, strategy, symbol, side, qty, order_type, time_in_force, reference_price, position_effect, created_at, updated_at)
  VALUES (p_order, 'FLATTEN', p_principal, 'close-at-bell', p_symbol, 'SELL', p_qty, 'MARKET', 'DAY', v_price, 'REDUCE', clock_timestamp(), clock_timestamp());
  INSERT INTO execution_events (order_id, type, source, data, at)
  VALUES (p_order, 'created', 'WORKER', jsonb_build_object('by', p_actor, 'reason', p_reason, 'kind', 'FLATTEN'), clock_timestamp());
  UPDATE accounts SET version = version + 1 WHERE id = 1;
  INSERT INTO outbox (id, topic, subject, data)
  VALUES (gen_random_uuid(), 'order.created', p_order::text, jsonb_build_object('order_id', p_order, 'symbol', p_symbol, 'side', 'SELL', 'qty', p_qty::text, 'kind', 'FLATTEN'));
  PERFORM audit_append(p_actor, 'position.flatten', 'order:' || p_order, jsonb_build_object('symbol', p_symbol, 'qty', p_qty::text), jsonb_build_object('reason', p_reason), p_order::text);
  RETURN p_order;
END $$;
