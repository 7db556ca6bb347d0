/**
 * Advisory lock key (7300002, in the migration, serialises the audit chain). Every placement and every send to the broker holds SEND_LOCK shared and re-reads the trading
 * state in a statement begun after it has it; a halt takes it exclusively. Row locks starve the halt under load.
 */
export const SEND_LOCK = 7_300_001;
