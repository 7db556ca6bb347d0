/** Strategy of the orders that a kill drill places. */
export const DRILL_STRATEGY = 'kill-drill';
