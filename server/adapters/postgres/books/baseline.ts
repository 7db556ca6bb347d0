/**
 * SQL for what the day is measured from (A2): the equity at a session's close and the capital that moved since, whenever it is booked.
 * Capital dated by its day alone bears that day's midnight in UTC. Dated on the day of the close it may have moved before or after:
 * money brought in counts if it was booked after the close, money taken out does not, so that a loss may look larger but never smaller.
 * @param equity SQL of the closing equity
 * @param closeAt SQL of the time of the close, market time
 */
export const baselineSql = (equity: string, closeAt: string): string => `${equity} - (
  SELECT coalesce(sum(p.amount), 0) FROM ledger_postings p JOIN ledger_entries e ON e.id = p.entry_id
  WHERE p.account = 'CAPITAL' AND e.kind <> 'OPENING' AND (
    e.at > ${closeAt}
    OR (e.at = date_trunc('day', e.at, 'UTC') AND e.at = date_trunc('day', ${closeAt}, 'UTC') AND p.amount < 0 AND e.booked_at > ${closeAt})))`;
