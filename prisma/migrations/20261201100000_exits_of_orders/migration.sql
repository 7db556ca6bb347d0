-- A closing market order is carried out by an exit (X-1). It is held until the exit sends it.
ALTER TABLE "orders" ADD COLUMN "held" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "exits" ADD COLUMN "strategy" TEXT NOT NULL DEFAULT '', ADD COLUMN "evaluation_id" UUID;
-- Fills before this moment belong to an earlier position of the symbol (X-4).
ALTER TABLE "positions" ADD COLUMN "opened_at" TIMESTAMPTZ(3);
