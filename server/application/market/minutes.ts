import { currentOrNextSession, sessionAt } from '@/server/domain/calendar';

export const MINUTE_MS = 60_000;

/** Minutes that have a bar, whether or not anything trades in them. */
export interface SessionMinutes {
  /** The first of them that begins at or after a time, epoch ms. */
  next(fromMs: number): number;
  /** Begin of the session that a minute is of; null for a minute of none. */
  sessionOf(startMs: number): number | null;
}

/** Of the exchange's regular sessions. */
export const EXCHANGE_MINUTES: SessionMinutes = {
  next(fromMs) {
    const minute = Math.ceil(fromMs / MINUTE_MS) * MINUTE_MS;
    return Math.max(minute, currentOrNextSession(minute).openMs);
  },
  sessionOf: (startMs) => sessionAt(startMs)?.openMs ?? null,
};

/** Of a market that never closes. */
export const ALL_MINUTES: SessionMinutes = {
  next: (fromMs) => Math.ceil(fromMs / MINUTE_MS) * MINUTE_MS,
  sessionOf: () => 0,
};

/** The same, up to where the venue's own clock says that the market closed. */
export function until(minutes: SessionMinutes, closedFromMs: () => number | null): SessionMinutes {
  const over = (startMs: number) => {
    const closedMs = closedFromMs();
    return closedMs !== null && startMs >= closedMs;
  };
  return {
    next(fromMs) {
      const startMs = minutes.next(fromMs);
      return over(startMs) ? Number.POSITIVE_INFINITY : startMs;
    },
    sessionOf: (startMs) => (over(startMs) ? null : minutes.sessionOf(startMs)),
  };
}
