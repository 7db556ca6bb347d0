import type { OrderRequest } from '@/server/contracts/order';
import type { Actor } from '@/server/kernel/actor';
import type { NewSignal } from './trading-data';

export const BENCH_ACTOR: Actor = {
  kind: 'token',
  principalId: '00000000-0000-4000-8000-0000000000be',
  name: 'bench',
  correlationId: 'bench',
};

/** The body of `POST /v1/orders`, as a client sends it. */
export const orderBody = ({ id, symbol }: NewSignal) => ({
  signal_id: id,
  symbol,
  side: 'BUY' as const,
  qty: '1',
  order_type: 'MARKET' as const,
});

/** The same after validation. */
export const orderOf = (signal: NewSignal): OrderRequest => ({ ...orderBody(signal), time_in_force: 'DAY' });
