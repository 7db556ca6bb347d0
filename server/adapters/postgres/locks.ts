/**
 * Advisory lock key. Every placement and every send to the broker holds it shared, and reads the trading state in a statement started
 * after it was taken; a halt takes it exclusively. Row locks would starve the halt under load. 7300002 serialises the audit chain
 * (sql/audit.sql).
 */
export const SEND_LOCK = 7_300_001;
