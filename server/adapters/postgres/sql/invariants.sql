-- Trigger functions. Triggers are part of the schema (prisma/migrations); those whose function came later are made here.

-- Append-only tables.
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
REVOKE ALL ON FUNCTION refuse_change() FROM PUBLIC;

-- A decided approval never changes. While it is pending, only its outcome, its refusals and its expiry change, and the expiry is
-- never extended.
CREATE OR REPLACE FUNCTION approvals_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> 'PENDING' THEN
    RAISE EXCEPTION 'approval % is already %', OLD.id, OLD.status USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF (to_jsonb(NEW) - ARRAY['status', 'decided_at', 'decided_by', 'reason', 'order_id', 'approved_qty', 'approved_limit_price', 'self_approved', 'refusals', 'expires_at'])
     IS DISTINCT FROM
     (to_jsonb(OLD) - ARRAY['status', 'decided_at', 'decided_by', 'reason', 'order_id', 'approved_qty', 'approved_limit_price', 'self_approved', 'refusals', 'expires_at'])
     OR NEW.expires_at > OLD.expires_at THEN
    RAISE EXCEPTION 'approval % holds an exact order', OLD.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION approvals_guard() FROM PUBLIC;

-- The terms of an order never change once it is stored; only its status, its fills and what was sent do.
CREATE OR REPLACE FUNCTION orders_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.kind, NEW.signal_id, NEW.evaluation_id, NEW.approval_id, NEW.symbol, NEW.side, NEW.qty, NEW.order_type, NEW.limit_price, NEW.stop_price, NEW.time_in_force,
      NEW.protective_stop_price, NEW.parent_id)
     IS DISTINCT FROM
     (OLD.kind, OLD.signal_id, OLD.evaluation_id, OLD.approval_id, OLD.symbol, OLD.side, OLD.qty, OLD.order_type, OLD.limit_price, OLD.stop_price, OLD.time_in_force,
      OLD.protective_stop_price, OLD.parent_id) THEN
    RAISE EXCEPTION 'the terms of order % are settled', OLD.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION orders_guard() FROM PUBLIC;

/* A gated order rests on an APPROVE of the gate, or on an approval that released it, with the same terms (D-4). Checked when the
   transaction ends: an approval is decided in the transaction that places its order. The worker judges the decision again. */
CREATE OR REPLACE FUNCTION order_founded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.approval_id IS NULL THEN
    PERFORM 1 FROM policy_evaluations e CROSS JOIN LATERAL (SELECT e.input->'order' AS asked) t
     WHERE e.id = NEW.evaluation_id AND e.signal_id = NEW.signal_id AND e.kind = 'GATE' AND e.decision = 'APPROVE'
       AND (asked->>'symbol', asked->>'side', asked->>'order_type') = (NEW.symbol, NEW.side, NEW.order_type)
       AND ((asked->>'limit_price')::numeric, (asked->>'stop_price')::numeric, (asked->>'protective_stop_price')::numeric)
           IS NOT DISTINCT FROM (NEW.limit_price, NEW.stop_price, NEW.protective_stop_price)
       AND coalesce((asked->>'qty')::numeric, NEW.qty) = NEW.qty;
  ELSE
    PERFORM 1 FROM approvals a JOIN policy_evaluations e ON e.id = NEW.evaluation_id
     WHERE a.id = NEW.approval_id AND a.order_id = NEW.id AND a.signal_id = NEW.signal_id AND (a.status = 'APPROVED' OR a.status = 'REDUCED')
       AND e.signal_id = NEW.signal_id AND e.kind = 'APPROVAL' AND e.decision <> 'REJECT'
       AND (a.symbol, a.side, a.order_type, a.time_in_force) = (NEW.symbol, NEW.side, NEW.order_type, NEW.time_in_force)
       AND (coalesce(a.approved_limit_price, a.limit_price), a.stop_price, a.protective_stop_price)
           IS NOT DISTINCT FROM (NEW.limit_price, NEW.stop_price, NEW.protective_stop_price)
       AND coalesce(a.approved_qty, a.qty) = NEW.qty;
  END IF;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'order % rests on no decision of the same terms', NEW.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION order_founded() FROM PUBLIC;
DROP TRIGGER IF EXISTS orders_founded ON orders;
CREATE CONSTRAINT TRIGGER orders_founded AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.kind = 'GATED') EXECUTE FUNCTION order_founded();

-- A memo is evidence: what the approver was shown stays as it was.
CREATE OR REPLACE FUNCTION memo_unchangeable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a memo is never changed';
END $$;
REVOKE ALL ON FUNCTION memo_unchangeable() FROM PUBLIC;

-- The postings of an entry sum to zero when the transaction ends.
CREATE OR REPLACE FUNCTION ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT coalesce(sum(amount), 0) FROM ledger_postings WHERE entry_id = NEW.entry_id) <> 0 THEN
    RAISE EXCEPTION 'ledger entry % does not balance', NEW.entry_id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION ledger_balanced() FROM PUBLIC;

-- A break that opens or closes invalidates every gate decision that was made before it.
CREATE OR REPLACE FUNCTION breaks_touch_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE accounts SET version = version + 1 WHERE id = 1;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION breaks_touch_account() FROM PUBLIC;

-- Every change of a break appends a line with the figures of both sides to its history.
CREATE OR REPLACE FUNCTION break_recorded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO break_events (break_id, kind, ours, theirs, at) VALUES (NEW.id, 'OPENED', NEW.ours, NEW.theirs, NEW.opened_at);
  ELSIF OLD.resolved_at IS NULL AND NEW.resolved_at IS NOT NULL THEN
    INSERT INTO break_events (break_id, kind, ours, theirs, by, reason, at)
    VALUES (NEW.id, 'RESOLVED', NEW.ours, NEW.theirs, NEW.resolved_by, NEW.reason, NEW.resolved_at);
  ELSIF (OLD.ours, OLD.theirs) IS DISTINCT FROM (NEW.ours, NEW.theirs) THEN
    INSERT INTO break_events (break_id, kind, ours, theirs, at) VALUES (NEW.id, 'CHANGED', NEW.ours, NEW.theirs, clock_timestamp());
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION break_recorded() FROM PUBLIC;

-- Wakes the relay and every console stream at commit.
CREATE OR REPLACE FUNCTION outbox_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('outbox', '');
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION outbox_notify() FROM PUBLIC;
