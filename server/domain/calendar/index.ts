export { newYorkDate, newYorkMidnightMs, newYorkOffsetMs } from './new-york';
export {
  currentOrNextSession,
  isOpen,
  nextClose,
  nextOpen,
  previousSession,
  type SpecialDay,
  sessionAt,
  sessionOn,
  sessionsBetween,
  specialDaysOf,
} from './nyse';
export type { Session } from './types';
