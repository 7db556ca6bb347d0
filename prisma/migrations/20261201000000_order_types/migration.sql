-- Stop limit orders can be placed, and both new types adopted from the broker.
ALTER TABLE orders DROP CONSTRAINT orders_type, ADD CONSTRAINT orders_type
  CHECK (order_type IN ('MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT', 'TRAILING_STOP'));
ALTER TABLE orders DROP CONSTRAINT orders_prices, ADD CONSTRAINT orders_prices CHECK (
  (order_type NOT IN ('LIMIT', 'STOP_LIMIT') OR limit_price > 0) AND (order_type NOT IN ('STOP', 'STOP_LIMIT') OR stop_price > 0));
ALTER TABLE orders DROP CONSTRAINT orders_pending, ADD CONSTRAINT orders_pending
  CHECK (pending IN ('NONE', 'SUBMIT', 'CANCEL', 'REPLACE'));
