export { newYorkDate, newYorkMidnightMs, newYorkOffsetMs } from './new-york';
export {
  currentOrNextSession,
  isOpen,
  nextClose,
  nextOpen,
  previousSession,
  sessionAt,
  sessionOn,
  sessionsBetween,
} from './nyse';
export type { Session } from './types';
