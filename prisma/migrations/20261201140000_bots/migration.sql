-- A token is a bot: what its orders are judged by beside the policy, and the bot's own ids of its orders (F-1, F-4).
ALTER TABLE "api_tokens" ADD COLUMN "bot" JSONB;
ALTER TABLE "signals" ADD COLUMN "bot_id" UUID;
ALTER TABLE "signals" ADD COLUMN "client_order_id" TEXT;
-- A bot that states no confidence is always reviewed.
ALTER TABLE "signals" ALTER COLUMN "confidence" DROP NOT NULL;

ALTER TABLE "signals" ADD CONSTRAINT "signals_bot_id_fkey" FOREIGN KEY ("bot_id") REFERENCES "api_tokens" ("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "signals" ADD CONSTRAINT "signals_bot" CHECK (
  ("source" = 'BOT') = ("bot_id" IS NOT NULL) AND ("bot_id" IS NULL) = ("client_order_id" IS NULL)
  AND ("confidence" IS NOT NULL OR "bot_id" IS NOT NULL));
CREATE UNIQUE INDEX "signals_bot_id_client_order_id_key" ON "signals" ("bot_id", "client_order_id");
CREATE INDEX "signals_bot_created_idx" ON "signals" ("bot_id", "created_at") WHERE "bot_id" IS NOT NULL;
-- What the broker says of an asset: bots that speak its protocol ask for it.
ALTER TABLE "assets" ADD COLUMN "exchange" TEXT;
ALTER TABLE "assets" ADD COLUMN "name" TEXT;
