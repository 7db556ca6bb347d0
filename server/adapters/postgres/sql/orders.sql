-- Decisions on orders are made in the domain: cancels by the order's lifecycle, closes by exits.
DROP FUNCTION IF EXISTS order_cancel_request(uuid, text, text, text, text, uuid);
DROP FUNCTION IF EXISTS order_flatten(text, uuid, uuid, text, text, text);
DROP FUNCTION IF EXISTS order_close_at_bell(text, numeric, uuid, uuid, text, text, text, float8, float8);

-- An order whose decision does not bear it was refused by the sender: opens the alert and audits it, once for each order.
CREATE OR REPLACE FUNCTION order_unfounded(p_order uuid, p_why text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE o orders%ROWTYPE;
BEGIN
  SELECT * INTO o FROM orders WHERE id = p_order;
  IF alert_open(gen_random_uuid(), 'UNFOUNDED_ORDER', p_order::text,
      format('%s %s %s was not sent: %s', o.side, trim_scale(o.qty), o.symbol, p_why), jsonb_build_object('order_id', p_order)) THEN
    PERFORM audit_append('worker', 'order.refused', 'order:' || p_order, NULL, jsonb_build_object('reason', p_why,
      'evaluation_id', o.evaluation_id, 'approval_id', o.approval_id, 'symbol', o.symbol, 'side', o.side, 'qty', trim_scale(o.qty)::text), NULL);
  END IF;
END $$;
REVOKE ALL ON FUNCTION order_unfounded(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION order_unfounded(uuid, text) TO countersign_worker;
