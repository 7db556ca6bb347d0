-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "Role" AS ENUM ('VIEWER', 'OPERATOR', 'ADMIN');

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "role" "Role" NOT NULL,
    "password_hash" TEXT NOT NULL,
    "session_version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabled_at" TIMESTAMPTZ(3),

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_tokens" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "scopes" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sign_in_attempts" (
    "id" BIGSERIAL NOT NULL,
    "email" TEXT NOT NULL,
    "succeeded" BOOLEAN NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sign_in_attempts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "settings" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "stage" TEXT NOT NULL DEFAULT 'M0_LOCAL',
    "active_policy_version" INTEGER NOT NULL,
    "version" BIGINT NOT NULL DEFAULT 1,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "settings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy_versions" (
    "version" INTEGER NOT NULL,
    "body" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "comment" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "policy_versions_pkey" PRIMARY KEY ("version")
);

-- CreateTable
CREATE TABLE "trading_state" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "state" TEXT NOT NULL DEFAULT 'ACTIVE',
    "version" BIGINT NOT NULL DEFAULT 1,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changed_by" TEXT NOT NULL DEFAULT 'system',
    "reason" TEXT NOT NULL DEFAULT '',
    "halt_id" UUID,

    CONSTRAINT "trading_state_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "halts" (
    "id" UUID NOT NULL,
    "requested_by" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,
    "acknowledged_at" TIMESTAMPTZ(3),
    "verified_at" TIMESTAMPTZ(3),
    "released_at" TIMESTAMPTZ(3),
    "released_by" TEXT,
    "release_reason" TEXT,
    "progress" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "halts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "signals" (
    "id" UUID NOT NULL,
    "source" TEXT NOT NULL,
    "strategy" TEXT NOT NULL,
    "model_version" TEXT NOT NULL DEFAULT '',
    "symbol" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "confidence" DECIMAL(38,12) NOT NULL,
    "size_pct" DECIMAL(38,12) NOT NULL,
    "stop_distance_pct" DECIMAL(38,12),
    "reasoning" JSONB,
    "principal_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "consumed_by" UUID,
    "consumed_at" TIMESTAMPTZ(3),

    CONSTRAINT "signals_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy_evaluations" (
    "id" UUID NOT NULL,
    "signal_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "decision" TEXT NOT NULL,
    "approved_size_pct" DECIMAL(38,12) NOT NULL,
    "policy_version" INTEGER NOT NULL,
    "stage" TEXT NOT NULL,
    "input" JSONB NOT NULL,
    "input_hash" TEXT NOT NULL,
    "reasons" JSONB NOT NULL,
    "code_version" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "policy_evaluations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy_rule_hits" (
    "id" BIGSERIAL NOT NULL,
    "evaluation_id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "tier" TEXT NOT NULL,
    "observed" TEXT NOT NULL,
    "threshold" TEXT NOT NULL,
    "message" TEXT NOT NULL,

    CONSTRAINT "policy_rule_hits_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "approvals" (
    "id" UUID NOT NULL,
    "signal_id" UUID NOT NULL,
    "evaluation_id" UUID NOT NULL,
    "principal_id" UUID,
    "status" TEXT NOT NULL DEFAULT 'PENDING',
    "symbol" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "qty" DECIMAL(38,12) NOT NULL,
    "order_type" TEXT NOT NULL,
    "limit_price" DECIMAL(38,12),
    "stop_price" DECIMAL(38,12),
    "time_in_force" TEXT NOT NULL,
    "good_till" TEXT,
    "reference_price" DECIMAL(38,12) NOT NULL,
    "notional" DECIMAL(60,24) NOT NULL,
    "exposure_after" DECIMAL(38,12) NOT NULL,
    "shown_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "decided_at" TIMESTAMPTZ(3),
    "decided_by" TEXT,
    "reason" TEXT,
    "order_id" UUID,
    "refusals" JSONB NOT NULL DEFAULT '[]',

    CONSTRAINT "approvals_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "orders" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL DEFAULT 'GATED',
    "signal_id" UUID,
    "evaluation_id" UUID,
    "approval_id" UUID,
    "principal_id" UUID,
    "strategy" TEXT NOT NULL DEFAULT '',
    "symbol" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "qty" DECIMAL(38,12) NOT NULL,
    "order_type" TEXT NOT NULL,
    "limit_price" DECIMAL(38,12),
    "stop_price" DECIMAL(38,12),
    "time_in_force" TEXT NOT NULL,
    "good_till" TEXT,
    "status" TEXT NOT NULL DEFAULT 'NEW',
    "pending" TEXT NOT NULL DEFAULT 'SUBMIT',
    "cancel_requested" BOOLEAN NOT NULL DEFAULT false,
    "cancel_sent_at" TIMESTAMPTZ(3),
    "reference_price" DECIMAL(38,12) NOT NULL,
    "position_effect" TEXT NOT NULL DEFAULT 'OPEN',
    "cum_qty" DECIMAL(38,12) NOT NULL DEFAULT 0,
    "cum_notional" DECIMAL(60,24) NOT NULL DEFAULT 0,
    "flags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "waiting" JSONB NOT NULL DEFAULT '[]',
    "applied_corrections" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "external_order_id" TEXT,
    "reject_reason" TEXT,
    "claimed_at" TIMESTAMPTZ(3),
    "claimed_by" TEXT,
    "claim_token" BIGINT,
    "submit_attempts" INTEGER NOT NULL DEFAULT 0,
    "expires_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "accepted_at" TIMESTAMPTZ(3),
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "orders_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "fills" (
    "id" BIGSERIAL NOT NULL,
    "order_id" UUID NOT NULL,
    "execution_id" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "qty" DECIMAL(38,12) NOT NULL,
    "price" DECIMAL(38,12) NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "source" TEXT NOT NULL,
    "busted" BOOLEAN NOT NULL DEFAULT false,
    "booked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "fills_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "execution_events" (
    "id" BIGSERIAL NOT NULL,
    "order_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "data" JSONB NOT NULL DEFAULT '{}',
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "execution_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "principal_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "status_code" INTEGER NOT NULL,
    "body" TEXT NOT NULL,
    "order_id" UUID,
    "approval_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("principal_id","key")
);

-- CreateTable
CREATE TABLE "accounts" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "version" BIGINT NOT NULL DEFAULT 1,
    "broker_account_id" TEXT,
    "cash" DECIMAL(60,24) NOT NULL DEFAULT 0,
    "equity" DECIMAL(60,24) NOT NULL DEFAULT 0,
    "buying_power" DECIMAL(60,24) NOT NULL DEFAULT 0,
    "last_equity" DECIMAL(60,24) NOT NULL DEFAULT 0,
    "trading_day" TEXT,
    "portfolio_at" TIMESTAMPTZ(3),
    "reconciled_at" TIMESTAMPTZ(3),
    "round_started_at" TIMESTAMPTZ(3),
    "failed_rounds" INTEGER NOT NULL DEFAULT 0,
    "opened_by" TEXT,
    "activity_cursor" TEXT,

    CONSTRAINT "accounts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "positions" (
    "symbol" TEXT NOT NULL,
    "qty" DECIMAL(38,12) NOT NULL,
    "cost" DECIMAL(60,24) NOT NULL,
    "realised_pnl" DECIMAL(60,24) NOT NULL DEFAULT 0,
    "broker_qty" DECIMAL(38,12),
    "market_price" DECIMAL(38,12),
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "positions_pkey" PRIMARY KEY ("symbol")
);

-- CreateTable
CREATE TABLE "ledger_entries" (
    "id" BIGSERIAL NOT NULL,
    "ref" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ledger_entries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_postings" (
    "id" BIGSERIAL NOT NULL,
    "entry_id" BIGINT NOT NULL,
    "account" TEXT NOT NULL,
    "qty" DECIMAL(38,12) NOT NULL DEFAULT 0,
    "amount" DECIMAL(60,24) NOT NULL,

    CONSTRAINT "ledger_postings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "portfolio_snapshots" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "equity" DECIMAL(60,24) NOT NULL,
    "cash" DECIMAL(60,24) NOT NULL,
    "gross_exposure" DECIMAL(38,12) NOT NULL,
    "day_pnl" DECIMAL(60,24) NOT NULL,
    "drawdown_pct" DECIMAL(38,12) NOT NULL,

    CONSTRAINT "portfolio_snapshots_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pnl_history" (
    "trading_day" TEXT NOT NULL,
    "open_equity" DECIMAL(60,24) NOT NULL,
    "close_equity" DECIMAL(60,24) NOT NULL,
    "realised" DECIMAL(60,24) NOT NULL,
    "fees" DECIMAL(60,24) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "pnl_history_pkey" PRIMARY KEY ("trading_day")
);

-- CreateTable
CREATE TABLE "quotes" (
    "symbol" TEXT NOT NULL,
    "bid" DECIMAL(38,12) NOT NULL,
    "ask" DECIMAL(38,12) NOT NULL,
    "bid_size" DECIMAL(38,12) NOT NULL,
    "ask_size" DECIMAL(38,12) NOT NULL,
    "quoted_at" TIMESTAMPTZ(3) NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "quotes_pkey" PRIMARY KEY ("symbol")
);

-- CreateTable
CREATE TABLE "bars" (
    "symbol" TEXT NOT NULL,
    "start_at" TIMESTAMPTZ(3) NOT NULL,
    "open" DECIMAL(38,12) NOT NULL,
    "high" DECIMAL(38,12) NOT NULL,
    "low" DECIMAL(38,12) NOT NULL,
    "close" DECIMAL(38,12) NOT NULL,
    "volume" DECIMAL(38,12) NOT NULL,

    CONSTRAINT "bars_pkey" PRIMARY KEY ("symbol","start_at")
);

-- CreateTable
CREATE TABLE "market_clock" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "is_open" BOOLEAN NOT NULL DEFAULT false,
    "market_time" TIMESTAMPTZ(3) NOT NULL,
    "observed_at" TIMESTAMPTZ(3) NOT NULL,
    "next_open" TIMESTAMPTZ(3),
    "next_close" TIMESTAMPTZ(3),
    "speed" INTEGER NOT NULL DEFAULT 1,
    "environment" TEXT NOT NULL DEFAULT 'SIM',
    "source" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "market_clock_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outbox" (
    "seq" BIGSERIAL NOT NULL,
    "id" UUID NOT NULL,
    "topic" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "published_at" TIMESTAMPTZ(3),

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "inbox" (
    "consumer" TEXT NOT NULL,
    "event_id" UUID NOT NULL,
    "handled_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "inbox_pkey" PRIMARY KEY ("consumer","event_id")
);

-- CreateTable
CREATE TABLE "leases" (
    "name" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "token" BIGINT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "leases_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "worker_heartbeats" (
    "id" TEXT NOT NULL,
    "roles" TEXT[],
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "beat_at" TIMESTAMPTZ(3) NOT NULL,
    "info" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "worker_heartbeats_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "breaks" (
    "id" UUID NOT NULL,
    "symbol" TEXT NOT NULL,
    "order_id" UUID,
    "cause" TEXT NOT NULL,
    "ours" JSONB NOT NULL DEFAULT '{}',
    "theirs" JSONB NOT NULL DEFAULT '{}',
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "resolved_at" TIMESTAMPTZ(3),
    "resolved_by" TEXT,
    "reason" TEXT,

    CONSTRAINT "breaks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_log" (
    "id" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "before" JSONB,
    "after" JSONB,
    "correlation_id" TEXT,
    "prev_hash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "audit_log_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE UNIQUE INDEX "api_tokens_token_hash_key" ON "api_tokens"("token_hash");

-- CreateIndex
CREATE INDEX "api_tokens_user_id_idx" ON "api_tokens"("user_id");

-- CreateIndex
CREATE INDEX "sign_in_attempts_email_at_idx" ON "sign_in_attempts"("email", "at");

-- CreateIndex
CREATE INDEX "halts_requested_at_idx" ON "halts"("requested_at");

-- CreateIndex
CREATE INDEX "signals_created_at_idx" ON "signals"("created_at");

-- CreateIndex
CREATE INDEX "policy_evaluations_signal_id_idx" ON "policy_evaluations"("signal_id");

-- CreateIndex
CREATE INDEX "policy_evaluations_created_at_idx" ON "policy_evaluations"("created_at");

-- CreateIndex
CREATE INDEX "policy_rule_hits_evaluation_id_idx" ON "policy_rule_hits"("evaluation_id");

-- CreateIndex
CREATE INDEX "policy_rule_hits_code_idx" ON "policy_rule_hits"("code");

-- CreateIndex
CREATE UNIQUE INDEX "approvals_order_id_key" ON "approvals"("order_id");

-- CreateIndex
CREATE INDEX "approvals_status_expires_at_idx" ON "approvals"("status", "expires_at");

-- CreateIndex
CREATE INDEX "approvals_created_at_idx" ON "approvals"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "orders_signal_id_key" ON "orders"("signal_id");

-- CreateIndex
CREATE UNIQUE INDEX "orders_approval_id_key" ON "orders"("approval_id");

-- CreateIndex
CREATE UNIQUE INDEX "orders_external_order_id_key" ON "orders"("external_order_id");

-- CreateIndex
CREATE INDEX "orders_created_at_idx" ON "orders"("created_at");

-- CreateIndex
CREATE INDEX "orders_symbol_created_at_idx" ON "orders"("symbol", "created_at");

-- CreateIndex
CREATE INDEX "fills_at_idx" ON "fills"("at");

-- CreateIndex
CREATE UNIQUE INDEX "fills_order_id_execution_id_key" ON "fills"("order_id", "execution_id");

-- CreateIndex
CREATE INDEX "execution_events_order_id_id_idx" ON "execution_events"("order_id", "id");

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "ledger_entries_ref_key" ON "ledger_entries"("ref");

-- CreateIndex
CREATE INDEX "ledger_postings_entry_id_idx" ON "ledger_postings"("entry_id");

-- CreateIndex
CREATE INDEX "ledger_postings_account_idx" ON "ledger_postings"("account");

-- CreateIndex
CREATE INDEX "portfolio_snapshots_at_idx" ON "portfolio_snapshots"("at");

-- CreateIndex
CREATE UNIQUE INDEX "outbox_id_key" ON "outbox"("id");

-- CreateIndex
CREATE INDEX "breaks_symbol_resolved_at_idx" ON "breaks"("symbol", "resolved_at");

-- CreateIndex
CREATE UNIQUE INDEX "audit_log_hash_key" ON "audit_log"("hash");

-- CreateIndex
CREATE INDEX "audit_log_at_idx" ON "audit_log"("at");

-- AddForeignKey
ALTER TABLE "api_tokens" ADD CONSTRAINT "api_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "fills" ADD CONSTRAINT "fills_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "execution_events" ADD CONSTRAINT "execution_events_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ledger_postings" ADD CONSTRAINT "ledger_postings_entry_id_fkey" FOREIGN KEY ("entry_id") REFERENCES "ledger_entries"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

