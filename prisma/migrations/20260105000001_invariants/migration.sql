-- What must never be broken, said where no code can forget it.

-- One row each.
ALTER TABLE settings      ADD CONSTRAINT settings_one_row      CHECK (id = 1);
ALTER TABLE trading_state ADD CONSTRAINT trading_state_one_row CHECK (id = 1);
ALTER TABLE accounts      ADD CONSTRAINT accounts_one_row      CHECK (id = 1);
ALTER TABLE market_clock  ADD CONSTRAINT market_clock_one_row  CHECK (id = 1);

INSERT INTO trading_state (id, reason) VALUES (1, 'first start');
INSERT INTO accounts (id) VALUES (1);

-- Closed sets.
ALTER TABLE settings      ADD CONSTRAINT settings_stage CHECK (stage IN ('M0_LOCAL', 'M1_PAPER', 'M2_SANDBOX', 'M3_LIVE_SMALL'));
ALTER TABLE trading_state ADD CONSTRAINT trading_state_state CHECK (state IN ('ACTIVE', 'REDUCING', 'HALTED'));
ALTER TABLE trading_state ADD CONSTRAINT trading_state_halt CHECK ((state = 'HALTED') = (halt_id IS NOT NULL));
ALTER TABLE signals       ADD CONSTRAINT signals_action CHECK (action IN ('BUY', 'SELL'));
ALTER TABLE signals       ADD CONSTRAINT signals_bounds CHECK (confidence BETWEEN 0 AND 1 AND size_pct > 0 AND size_pct <= 1);
ALTER TABLE policy_evaluations ADD CONSTRAINT policy_evaluations_decision CHECK (decision IN ('APPROVE', 'REVIEW', 'REJECT'));
ALTER TABLE policy_evaluations ADD CONSTRAINT policy_evaluations_size CHECK (
  approved_size_pct >= 0 AND (decision <> 'REJECT' OR approved_size_pct = 0));

ALTER TABLE approvals ADD CONSTRAINT approvals_status CHECK (status IN ('PENDING', 'APPROVED', 'REJECTED', 'EXPIRED', 'WITHDRAWN'));
ALTER TABLE approvals ADD CONSTRAINT approvals_qty CHECK (qty > 0);
ALTER TABLE approvals ADD CONSTRAINT approvals_decided CHECK ((status = 'PENDING') = (decided_at IS NULL));
ALTER TABLE approvals ADD CONSTRAINT approvals_order CHECK ((status = 'APPROVED') = (order_id IS NOT NULL));
CREATE UNIQUE INDEX approvals_one_pending_per_signal ON approvals (signal_id) WHERE status = 'PENDING';

ALTER TABLE orders ADD CONSTRAINT orders_kind CHECK (kind IN ('GATED', 'FLATTEN', 'EXTERNAL'));
-- No decision is legal only as an audited flatten or an order found at the broker.
ALTER TABLE orders ADD CONSTRAINT orders_decision CHECK (kind <> 'GATED' OR (evaluation_id IS NOT NULL AND signal_id IS NOT NULL));
ALTER TABLE orders ADD CONSTRAINT orders_side CHECK (side IN ('BUY', 'SELL'));
ALTER TABLE orders ADD CONSTRAINT orders_type CHECK (order_type IN ('MARKET', 'LIMIT', 'STOP'));
ALTER TABLE orders ADD CONSTRAINT orders_prices CHECK (
  (order_type <> 'LIMIT' OR limit_price > 0) AND (order_type <> 'STOP' OR stop_price > 0));
ALTER TABLE orders ADD CONSTRAINT orders_status CHECK (
  status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'FILLED', 'REJECTED', 'CANCELLED', 'EXPIRED'));
ALTER TABLE orders ADD CONSTRAINT orders_pending CHECK (pending IN ('NONE', 'SUBMIT', 'CANCEL'));
ALTER TABLE orders ADD CONSTRAINT orders_quantities CHECK (qty > 0 AND cum_qty >= 0 AND cum_notional >= 0);
ALTER TABLE fills  ADD CONSTRAINT fills_positive CHECK (qty > 0 AND price > 0);
ALTER TABLE fills  ADD CONSTRAINT fills_side CHECK (side IN ('BUY', 'SELL'));

ALTER TABLE idempotency_keys ADD CONSTRAINT idempotency_keys_key CHECK (length(key) BETWEEN 1 AND 255);
ALTER TABLE quotes ADD CONSTRAINT quotes_sane CHECK (bid > 0 AND ask >= bid AND bid_size >= 0 AND ask_size >= 0);
ALTER TABLE bars   ADD CONSTRAINT bars_sane CHECK (
  low > 0 AND high >= low AND open BETWEEN low AND high AND close BETWEEN low AND high AND volume >= 0);

-- Indexes that Prisma cannot express; each serves a named query.
CREATE INDEX orders_live      ON orders (symbol) WHERE status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED');   -- gate_read: reservations
CREATE INDEX orders_to_submit ON orders (created_at) WHERE status = 'NEW' AND claimed_at IS NULL;           -- execution: claim
CREATE INDEX orders_uncertain ON orders (symbol) WHERE 'SUBMIT_UNCERTAIN' = ANY (flags);                    -- gate_read, halt
CREATE INDEX orders_recent    ON orders (strategy, created_at);                                             -- gate_read: rate
CREATE INDEX outbox_waiting   ON outbox (seq) WHERE published_at IS NULL;                                   -- relay
CREATE UNIQUE INDEX breaks_one_open ON breaks (symbol, cause, coalesce(order_id, '00000000-0000-0000-0000-000000000000'))
  WHERE resolved_at IS NULL;

-- Append-only tables.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER approvals_no_truncate BEFORE TRUNCATE ON approvals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER orders_no_truncate BEFORE TRUNCATE ON orders FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER fills_no_truncate BEFORE TRUNCATE ON fills FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER execution_events_no_truncate BEFORE TRUNCATE ON execution_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entries_no_truncate BEFORE TRUNCATE ON ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_postings_no_truncate BEFORE TRUNCATE ON ledger_postings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER execution_events_append_only BEFORE UPDATE OR DELETE ON execution_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE ON ledger_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_postings_append_only BEFORE UPDATE OR DELETE ON ledger_postings FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policy_versions_append_only BEFORE UPDATE OR DELETE ON policy_versions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER fills_never_deleted BEFORE DELETE ON fills FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER orders_never_deleted BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A decided approval never changes; a pending one changes only its outcome and its refusals, and never lasts longer.
CREATE FUNCTION approvals_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> 'PENDING' THEN
    RAISE EXCEPTION 'approval % is already %', OLD.id, OLD.status USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF (to_jsonb(NEW) - ARRAY['status', 'decided_at', 'decided_by', 'reason', 'order_id', 'refusals', 'expires_at'])
     IS DISTINCT FROM
     (to_jsonb(OLD) - ARRAY['status', 'decided_at', 'decided_by', 'reason', 'order_id', 'refusals', 'expires_at'])
     OR NEW.expires_at > OLD.expires_at THEN
    RAISE EXCEPTION 'approval % holds an exact order', OLD.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER approvals_decided_once BEFORE UPDATE ON approvals FOR EACH ROW EXECUTE FUNCTION approvals_guard();
CREATE TRIGGER approvals_never_deleted BEFORE DELETE ON approvals FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What was decided of an order never changes; only what became of it does.
CREATE FUNCTION orders_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.kind, NEW.signal_id, NEW.evaluation_id, NEW.approval_id, NEW.symbol, NEW.side, NEW.qty, NEW.order_type, NEW.limit_price, NEW.stop_price, NEW.time_in_force)
     IS DISTINCT FROM
     (OLD.kind, OLD.signal_id, OLD.evaluation_id, OLD.approval_id, OLD.symbol, OLD.side, OLD.qty, OLD.order_type, OLD.limit_price, OLD.stop_price, OLD.time_in_force) THEN
    RAISE EXCEPTION 'the terms of order % are settled', OLD.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER orders_terms_settled BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION orders_guard();

-- The books balance at the end of every transaction.
CREATE FUNCTION ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT coalesce(sum(amount), 0) FROM ledger_postings WHERE entry_id = NEW.entry_id) <> 0 THEN
    RAISE EXCEPTION 'ledger entry % does not balance', NEW.entry_id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_postings_balance AFTER INSERT ON ledger_postings
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balanced();

-- A break that opens or closes ends the validity of every gate decision made before it.
CREATE FUNCTION breaks_touch_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE accounts SET version = version + 1 WHERE id = 1;
  RETURN NULL;
END $$;
CREATE TRIGGER breaks_change AFTER INSERT OR UPDATE ON breaks FOR EACH STATEMENT EXECUTE FUNCTION breaks_touch_account();

-- Wakes the relay and every console stream at commit.
CREATE FUNCTION outbox_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('outbox', '');
  RETURN NULL;
END $$;
CREATE TRIGGER outbox_wake AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION outbox_notify();
