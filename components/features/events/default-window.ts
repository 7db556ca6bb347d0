import type { MarketEvent } from '@/components/trpc/types';
import { currentOrNextSession, newYorkDate, nextOpen } from '@/server/domain/calendar';

/** Minutes of New York's clock, on the session's day or on the one after it. */
interface Window {
  readonly from: string;
  readonly to: string;
  /** The end is on the session after. */
  readonly overnight?: boolean;
}

/** Around the moment at which such news usually comes. */
const WINDOWS: Record<MarketEvent['kind'], Window> = {
  // After the close or before the open: from before one to after the other.
  EARNINGS: { from: '15:30', to: '10:00', overnight: true },
  // At 14:00, with a conference at 14:30.
  FOMC: { from: '13:45', to: '15:30' },
  // At 8:30 or 10:00.
  ECONOMIC: { from: '08:15', to: '10:15' },
  DIVIDEND: { from: '09:30', to: '10:00' },
  SPLIT: { from: '09:30', to: '16:00' },
  OTHER: { from: '09:30', to: '16:00' },
};

/** A proposal for a new event's times, on the first session that begins after now: `YYYY-MM-DDTHH:MM` in New York. */
export function defaultWindow(
  kind: MarketEvent['kind'],
  marketMs: number,
): { readonly from: string; readonly to: string } {
  const { from, to, overnight = false } = WINDOWS[kind];
  const session = currentOrNextSession(nextOpen(marketMs));
  const end = overnight ? newYorkDate(nextOpen(session.openMs)) : session.date;
  return { from: `${session.date}T${from}`, to: `${end}T${to}` };
}
