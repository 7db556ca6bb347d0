-- What web and worker may do with tables. Neither owns anything: they cannot change the schema, drop a trigger or truncate a table.

GRANT USAGE ON SCHEMA public TO countersign_web, countersign_worker;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO countersign_web, countersign_worker;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO countersign_web, countersign_worker;
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO countersign_worker;
REVOKE INSERT, UPDATE, DELETE ON _prisma_migrations, sql_functions FROM countersign_worker;

-- Web writes decisions, orders, approvals, policy, trading state, people and the audit log by the functions it may call, and never
-- by hand (D-3). Those run with the rights of their owner.
REVOKE INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public FROM countersign_web;
-- Locking a row needs the right to update one of its columns.
GRANT UPDATE (version) ON accounts TO countersign_web;
GRANT UPDATE (reason) ON breaks TO countersign_web;
-- Cancels and closes of orders that the broker does not know; the terms of an order are settled, and claims are the worker's.
GRANT UPDATE (status, pending, cancel_requested, cancel_sent_at, cancel_attempts, cum_qty, cum_notional, flags, waiting, applied_corrections, external_order_id, reject_reason, updated_at, accepted_at, closed_at) ON orders TO countersign_web;
GRANT UPDATE (ended_holders) ON halts TO countersign_web;
GRANT UPDATE (signed_by, signed_at) ON account_openings TO countersign_web;
GRANT UPDATE (last_used_at) ON api_tokens TO countersign_web;
GRANT INSERT ON outbox, execution_events, signals, signal_tasks, tie_outs TO countersign_web;
GRANT INSERT, UPDATE ON exits, market_events, strategy_settings, reasoning_limits TO countersign_web;
GRANT INSERT, UPDATE, DELETE ON model_prices, sign_in_attempts TO countersign_web;
GRANT INSERT ON sessions TO countersign_web;
GRANT UPDATE (seen_at, ended_at, ended_by) ON sessions TO countersign_web;
-- A break that a person accepts is booked by the web process.
GRANT INSERT ON ledger_entries, ledger_postings TO countersign_web;
GRANT INSERT, UPDATE ON positions TO countersign_web;
