-- Decisions on orders are made in the domain: cancels by the order's lifecycle, closes by exits.
DROP FUNCTION IF EXISTS order_cancel_request(uuid, text, text, text, text, uuid);
DROP FUNCTION IF EXISTS order_flatten(text, uuid, uuid, text, text, text);
DROP FUNCTION IF EXISTS order_close_at_bell(text, numeric, uuid, uuid, text, text, text, float8, float8);
