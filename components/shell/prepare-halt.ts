import type { TradingStateView } from '@/components/trpc/types';

type Halt = NonNullable<TradingStateView['halt']>;

export interface HaltCount {
  readonly label: string;
  readonly value: number;
  /** Keeps the halt from being verified. */
  readonly open: boolean;
}

export interface StuckOrder {
  readonly id: string;
  readonly symbol: string;
  readonly why: string;
}

export interface HaltView {
  readonly counts: readonly HaltCount[];
  readonly stuck: readonly StuckOrder[];
  readonly fault: string | null;
  /** The next step after the fault; null once the halt is verified. */
  readonly retry: string | null;
}

const COUNTS: readonly (readonly [key: string, label: string, keepsOpen: boolean])[] = [
  ['cancelled', 'Cancelled', false],
  ['filled', 'Filled', false],
  ['working', 'Still open', true],
  ['uncertain', 'Unconfirmed', true],
  ['at_broker', 'At the broker', true],
];

function stuckOrder(value: unknown): readonly StuckOrder[] {
  if (typeof value !== 'object' || value === null) return [];
  const { order_id: id, symbol, why }: { order_id?: unknown; symbol?: unknown; why?: unknown } = value;
  if (typeof id !== 'string') return [];
  return [{ id, symbol: typeof symbol === 'string' ? symbol : '', why: typeof why === 'string' ? why : '' }];
}

/** Counts, stuck orders and the last fault of a halt, as far as the worker has reported them. */
export function prepareHalt(halt: Halt): HaltView {
  const { progress } = halt;
  const counts = COUNTS.flatMap(([key, label, keepsOpen]) => {
    const value = progress[key];
    return typeof value === 'number' ? [{ label, value, open: keepsOpen && value > 0 }] : [];
  });
  const stuck = Array.isArray(progress['stuck']) ? progress['stuck'].flatMap(stuckOrder) : [];
  const lastError = progress['lastError'];
  const requests = progress['requests'];
  const sofar = typeof requests === 'number' ? ` (${requests} request${requests === 1 ? '' : 's'} so far)` : '';
  return {
    counts,
    stuck,
    fault: typeof lastError === 'string' && lastError !== '' ? `Last error: ${lastError}.`.replace('..', '.') : null,
    retry: halt.verifiedAt === null ? `Retrying${sofar}.` : null,
  };
}
