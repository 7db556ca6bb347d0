-- Protective stops (S): an entry may carry the price of its stop, and the stop itself is an order of kind PROTECTIVE.
ALTER TABLE "orders" ADD COLUMN "protective_stop_price" DECIMAL(38,12);
ALTER TABLE "orders" ADD COLUMN "parent_id" UUID;
ALTER TABLE "orders" ADD COLUMN "attempt" INTEGER;
ALTER TABLE "approvals" ADD COLUMN "protective_stop_price" DECIMAL(38,12);

ALTER TABLE "orders" DROP CONSTRAINT "orders_kind";
ALTER TABLE "orders" ADD CONSTRAINT "orders_kind" CHECK ("kind" IN ('GATED', 'FLATTEN', 'PROTECTIVE', 'EXTERNAL'));
ALTER TABLE "orders" ADD CONSTRAINT "orders_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "orders" ("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "orders" ADD CONSTRAINT "orders_protective" CHECK (
  ("kind" = 'PROTECTIVE') = ("parent_id" IS NOT NULL) AND ("parent_id" IS NULL) = ("attempt" IS NULL)
  AND ("kind" <> 'PROTECTIVE' OR ("order_type" = 'STOP' AND "position_effect" = 'REDUCE')));
ALTER TABLE "orders" ADD CONSTRAINT "orders_protective_stop_price" CHECK (
  "protective_stop_price" IS NULL OR ("protective_stop_price" > 0 AND "kind" = 'GATED' AND "side" = 'BUY'));
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_protective_stop_price" CHECK (
  "protective_stop_price" IS NULL OR ("protective_stop_price" > 0 AND "side" = 'BUY'));
-- One stop of an entry at a time: the next is numbered when the last has ended (S-5).
CREATE UNIQUE INDEX "orders_parent_id_attempt_key" ON "orders" ("parent_id", "attempt");
CREATE INDEX "orders_protected_idx" ON "orders" ("symbol") WHERE "protective_stop_price" IS NOT NULL;
CREATE INDEX "orders_protective_idx" ON "orders" ("symbol") WHERE "kind" = 'PROTECTIVE';

ALTER TABLE "exits" DROP CONSTRAINT "exits_source";
ALTER TABLE "exits" ADD CONSTRAINT "exits_source" CHECK ("source" IN ('PERSON', 'CLOSE', 'SIGNAL', 'STOP'));
