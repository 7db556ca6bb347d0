-- Cancels that nobody has answered, of filled orders too: the executor asks for them every second.
CREATE INDEX orders_cancelling ON orders (updated_at) WHERE cancel_requested;
