/**
 * The migrations that this version of the code needs, oldest first: one line per folder of prisma/migrations. The list is part of the
 * code, so that it is known where the folder is not, as in a container. A test compares it with the folder.
 */
export const MIGRATIONS: readonly string[] = [
  '20260105000000_init',
  '20260105000001_invariants',
  '20260105000002_commands',
  '20261122000000_execution',
  '20261122000003_assets',
  '20261122000004_halt',
  '20261122000006_cancels',
  '20261122000007_bus',
  '20261123000000_data',
  '20261123000001_reasoning',
  '20261123100000_gate_inputs',
  '20261123110000_close_at_bell',
  '20261123120000_signal_desk',
  '20261123160000_reasoning_days',
  '20261123170000_blind',
  '20261123300000_market_health',
  '20261123900000_bell',
  '20261130000000_sql_functions',
  '20261130120000_trading_causes',
  '20261130140000_exits',
  '20261130150000_approvals_reduced',
  '20261201000000_order_types',
  '20261201020000_separation_of_duties',
  '20261201100000_exits_of_orders',
  '20261201110000_alerts_acknowledged',
  '20261201111000_ledger_of_account',
  '20261201112000_sessions',
  '20261201130000_protective_stops',
];
