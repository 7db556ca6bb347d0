-- An approver may approve less than was shown: fewer shares, or a tighter limit.
ALTER TABLE approvals ADD COLUMN approved_qty numeric(38, 12);
ALTER TABLE approvals ADD COLUMN approved_limit_price numeric(38, 12);
ALTER TABLE approvals DROP CONSTRAINT approvals_status;
ALTER TABLE approvals ADD CONSTRAINT approvals_status CHECK (status IN ('PENDING', 'APPROVED', 'REDUCED', 'REJECTED', 'EXPIRED', 'WITHDRAWN'));
ALTER TABLE approvals DROP CONSTRAINT approvals_order;
ALTER TABLE approvals ADD CONSTRAINT approvals_order CHECK ((status = 'APPROVED' OR status = 'REDUCED') = (order_id IS NOT NULL));
ALTER TABLE approvals ADD CONSTRAINT approvals_reduced CHECK (
  (status = 'REDUCED') = (approved_qty IS NOT NULL)
  AND approved_qty > 0 AND approved_qty <= qty
  AND (approved_limit_price IS NULL) = (approved_qty IS NULL OR limit_price IS NULL)
  AND CASE side WHEN 'BUY' THEN approved_limit_price <= limit_price ELSE approved_limit_price >= limit_price END);
