import { LIVE_STATUSES } from '@/server/kernel/vocabulary';

/** Values of an enumeration as a list for SQL's IN. They are constants of the code, never input. */
export const sqlList = (values: readonly string[]): string => `(${values.map((value) => `'${value}'`).join(', ')})`;

/** For `status IN ${LIVE}`: orders that may still fill. The partial index `orders_live` has the same list. */
export const LIVE = sqlList(LIVE_STATUSES);
