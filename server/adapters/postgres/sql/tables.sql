-- What web and worker may do with tables. Neither owns anything: they cannot change the schema, drop a trigger or truncate a table.

GRANT USAGE ON SCHEMA public TO countersign_web, countersign_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO countersign_web, countersign_worker;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO countersign_web, countersign_worker;
REVOKE INSERT, UPDATE, DELETE ON _prisma_migrations, sql_functions FROM countersign_web, countersign_worker;

-- What only the worker writes: what the broker reported, the market, and the workers' own state. A break that a person accepts is
-- booked by the web process, which may therefore add to the ledger.
REVOKE INSERT, UPDATE, DELETE ON fills, pnl_history, portfolio_snapshots FROM countersign_web;
REVOKE UPDATE, DELETE ON ledger_entries, ledger_postings, execution_events, audit_log FROM countersign_web;
REVOKE INSERT, UPDATE, DELETE ON market_clock, assets, bars, quotes, features, market_health, news FROM countersign_web;
REVOKE INSERT, UPDATE, DELETE ON memos, reasoning_days, break_glass FROM countersign_web;
REVOKE INSERT, UPDATE, DELETE ON leases, worker_heartbeats, bus_state, bus_cursors, inbox FROM countersign_web;
