-- Exits: stored intents to close a position (X-1). One of a symbol is open at a time.
CREATE TABLE "exits" (
  "id"             UUID NOT NULL,
  "symbol"         TEXT NOT NULL,
  "source"         TEXT NOT NULL,
  "requested_by"   TEXT NOT NULL,
  "principal_id"   UUID NOT NULL,
  "correlation_id" TEXT NOT NULL,
  "reason"         TEXT NOT NULL,
  "qty"            DECIMAL(38,12),
  "stage"          TEXT,
  "expires_at"     TIMESTAMPTZ(3),
  "requested_at"   TIMESTAMPTZ(3) NOT NULL,
  "started_at"     TIMESTAMPTZ(3),
  "start_price"    DECIMAL(38,12),
  "limited_at"     TIMESTAMPTZ(3),
  "held_qty"       DECIMAL(38,12),
  "working"        INTEGER NOT NULL DEFAULT 0,
  "progress_at"    TIMESTAMPTZ(3) NOT NULL,
  "waits_for"      TEXT,
  "ended_at"       TIMESTAMPTZ(3),
  "outcome"        TEXT,

  CONSTRAINT "exits_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "exits_source" CHECK ("source" IN ('PERSON', 'CLOSE', 'SIGNAL')),
  CONSTRAINT "exits_qty" CHECK ("qty" > 0),
  CONSTRAINT "exits_outcome" CHECK ("outcome" IN ('CLOSED', 'EXPIRED', 'STAGE_CHANGED', 'WITHDRAWN')),
  CONSTRAINT "exits_ended" CHECK (("ended_at" IS NULL) = ("outcome" IS NULL))
);
CREATE UNIQUE INDEX "exits_one_open" ON "exits" ("symbol") WHERE "ended_at" IS NULL;
CREATE INDEX "exits_requested_at_idx" ON "exits" ("requested_at");

ALTER TABLE "orders" ADD COLUMN "exit_id" UUID;
ALTER TABLE "orders" ADD CONSTRAINT "orders_exit_id_fkey" FOREIGN KEY ("exit_id") REFERENCES "exits" ("id") ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE INDEX "orders_exit_id_idx" ON "orders" ("exit_id");

-- A close that was under way before this version goes on as an exit.
INSERT INTO "exits" ("id", "symbol", "source", "requested_by", "principal_id", "correlation_id", "reason", "requested_at", "progress_at")
SELECT DISTINCT ON (symbol) id, symbol, 'PERSON', 'system (migration)', coalesce(principal_id, '00000000-0000-0000-0000-000000000000'),
       'migration', 'a close that was under way', created_at, clock_timestamp()
FROM "orders" WHERE kind = 'FLATTEN' AND status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED') ORDER BY symbol, created_at DESC;
UPDATE "orders" o SET "exit_id" = e.id FROM "exits" e
WHERE e.symbol = o.symbol AND o.kind = 'FLATTEN' AND o.status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED');
