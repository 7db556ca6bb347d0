-- Orders that need no decision of the gate.

-- Cancels are decided by the order's lifecycle in the domain.
DROP FUNCTION IF EXISTS order_cancel_request(uuid, text, text, text, text, uuid);

/* An audited flatten of one position: a market sell of everything held, kind FLATTEN, which needs no decision of the gate.
   Returns the order id, or null when nothing is held or a flatten is already working. */
CREATE OR REPLACE FUNCTION order_flatten(p_symbol text, p_order uuid, p_principal uuid, p_actor text, p_reason text, p_correlation text)
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
REVOKE ALL ON FUNCTION order_flatten(text, uuid, uuid, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION order_flatten(text, uuid, uuid, text, text, text) TO countersign_web, countersign_worker;

/* The automatic close before the end of the session: an audited market sell (kind FLATTEN) of everything the BROKER holds,
   whatever our books or market data say. p_age_ms is the time since the broker was asked, p_close_in_ms the time from then until
   the close, both wall time. The broker's answer does not include sells since then, or just before, so the age counts, and so does
   the wait for the lock, because the age was taken before it. Every booked fill updates its order, so orders show such sells. There
   is no upper bound on updated_at: after the clock was set back, an order with a time in the future may have changed just now.
   Returns the order id; null (try again soon) while a sell of the symbol is working or has just changed; null for good when the
   stage has changed or the session is over. An order that was not sent by the close is never sent. */
CREATE OR REPLACE FUNCTION order_close_at_bell(p_symbol text, p_qty numeric, p_order uuid, p_principal uuid, p_actor text, p_reason text,
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
REVOKE ALL ON FUNCTION order_close_at_bell(text, numeric, uuid, uuid, text, text, text, float8, float8) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION order_close_at_bell(text, numeric, uuid, uuid, text, text, text, float8, float8) TO countersign_worker;
