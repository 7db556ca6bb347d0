import { type Broker, BrokerError, type BrokerOrder } from '@/server/application/ports/broker';
import type { Clock } from '@/server/kernel/clock';
import { formatUnits, ONE, type Units } from '@/server/kernel/money';
import type { CheckLine } from './check-line';

const SEND_TIMEOUT_MS = 5_000;
const LOOK_EVERY_MS = 250;
const CANCELLED_WITHIN_MS = 10_000;
const CANCEL_TRIES = 5;
const ENDED: readonly BrokerOrder['status'][] = ['CANCELLED', 'EXPIRED', 'REJECTED', 'FILLED'];

type Found = Pick<CheckLine, 'result' | 'detail' | 'todo'>;

interface Tools {
  readonly broker: Broker;
  readonly clock: Clock;
}

interface Wanted {
  readonly symbol: string;
  readonly price: Units;
  /** Client order ids that the stream has spoken of. */
  readonly heard: ReadonlySet<string>;
}

const failed = (detail: string, todo: string): Found => ({ result: 'failed', detail, todo });
const nothing = () => undefined;

/** Asks until the order has ended; null when it has not within the time. */
async function ended({ broker, clock }: Tools, clientOrderId: string): Promise<BrokerOrder | null> {
  const untilMs = clock.nowMs() + CANCELLED_WITHIN_MS;
  while (clock.nowMs() < untilMs) {
    const order = await broker.orderByClientId(clientOrderId).catch(nothing);
    if (order !== undefined && order !== null && ENDED.includes(order.status)) return order;
    await clock.sleep(LOOK_EVERY_MS);
  }
  return null;
}

/** Cancels until the broker has taken it in, or says that there is nothing to cancel. */
async function cancel({ broker, clock }: Tools, externalOrderId: string): Promise<void> {
  for (let n = 0; n < CANCEL_TRIES; n++) {
    const { kind } = await broker.cancel(externalOrderId);
    if (kind !== 'rate_limited' && kind !== 'uncertain') return;
    await clock.sleep(LOOK_EVERY_MS * 2 ** n);
  }
}

/** An order whose answer was not understood may be there all the same: it is looked for, and then cancelled like any other. */
async function findIt({ broker, clock }: Tools, clientOrderId: string): Promise<BrokerOrder | null> {
  const untilMs = clock.nowMs() + SEND_TIMEOUT_MS;
  while (clock.nowMs() < untilMs) {
    const found = await broker.orderByClientId(clientOrderId).catch(nothing);
    if (found !== undefined && found !== null) return found;
    await clock.sleep(LOOK_EVERY_MS);
  }
  return null;
}

/** One share, far below the market: placed, heard of, cancelled, and seen to be cancelled. */
export async function checkOrder(tools: Tools, { symbol, price, heard }: Wanted): Promise<Found> {
  const clientOrderId = tools.clock.newId();
  const terms = { clientOrderId, symbol, side: 'BUY', qty: ONE, orderType: 'LIMIT', stopPrice: null } as const;
  const what = `1 ${symbol} at ${formatUnits(price)}`;
  let taken: BrokerOrder | null;
  try {
    const outcome = await tools.broker.submit(
      { ...terms, limitPrice: price, timeInForce: 'DAY' },
      { timeoutMs: SEND_TIMEOUT_MS },
    );
    if (outcome.kind === 'refused')
      return failed(`${what} was refused: ${outcome.message}`, 'read the broker’s words; --no-order leaves this out');
    taken = outcome.kind === 'accepted' ? outcome.order : await findIt(tools, clientOrderId);
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    taken = await findIt(tools, clientOrderId);
  }
  const look = `look at the broker for client order id ${clientOrderId}, and cancel it there`;
  if (taken === null) return failed(`${what}: the broker’s answer was not understood, and it is not found`, look);
  await cancel(tools, taken.externalOrderId);
  const last = await ended(tools, clientOrderId);
  if (last === null) return failed(`${what} still works: its cancel was not carried out`, look);
  if (last.status !== 'CANCELLED') return failed(`${what} ended ${last.status} instead of cancelled`, look);
  const streamed = heard.has(clientOrderId) ? ', and the stream reported it' : '; the stream did not report it';
  return { result: 'ok', detail: `${what} placed and cancelled${streamed}`, todo: '' };
}
