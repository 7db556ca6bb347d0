import type { Broker, BrokerAccount, BrokerHealth, TradeStream, VenueInfo } from '@/server/application/ports/broker';
import type { MarketData } from '@/server/application/ports/market-data';
import type { Clock } from '@/server/kernel/clock';
import { formatMoney, formatUnits, ONE, type Units } from '@/server/kernel/money';
import type { CheckLine, CheckResult } from './check-line';
import { checkOrder } from './check-order';

export interface CheckTools {
  readonly broker: Broker;
  readonly marketData: Pick<MarketData, 'latestQuotes'>;
  readonly tradeStream: TradeStream;
  readonly venue: () => Promise<VenueInfo>;
  readonly health: () => BrokerHealth;
  /** The limit that the broker's answers named; null when they named none. */
  readonly announcedLimit: () => number | null;
  readonly clock: Clock;
}

export interface CheckOptions {
  readonly symbol: string;
  /** Why no order is placed, for a person; null places one. */
  readonly orderSkipped: (venue: VenueInfo) => string | null;
}

const MAX_SKEW_MS = 2_000;
const STREAM_WITHIN_MS = 12_000;
const KEYS_TODO = 'check BROKER_KEY_ID and BROKER_SECRET_KEY, and that they belong to the account of BROKER_URL';
const REACH_TODO = 'check BROKER_URL, the network and the broker’s status page';

const why = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const line = (name: CheckLine['name'], result: CheckResult, detail: string, todo = ''): CheckLine => ({
  name,
  result,
  detail,
  todo,
});

function keysLine({ health }: CheckTools, error: unknown): CheckLine {
  const refused = health().state === 'KEYS_REFUSED';
  return line('keys', 'failed', refused ? 'the broker refuses the keys' : why(error), refused ? KEYS_TODO : REACH_TODO);
}

function accountLine(account: BrokerAccount): CheckLine {
  const { tradingBlocked, blockedBy = [] } = account;
  const money = `equity ${formatMoney(account.equity)}, buying power ${formatMoney(account.buyingPower)}`;
  return tradingBlocked
    ? line('account', 'failed', `may not trade: ${blockedBy.join(', ')}`, 'lift the block at the broker')
    : line('account', 'ok', `may trade; ${money}`);
}

async function clockLine({ broker, clock }: CheckTools, venue: VenueInfo): Promise<CheckLine> {
  const askedMs = clock.nowMs();
  try {
    const { marketTimeMs, isOpen } = await broker.clock();
    const skewMs = Math.round(marketTimeMs - (askedMs + clock.nowMs()) / 2);
    const open = isOpen ? 'the market is open' : 'the market is closed';
    if (venue.speed !== 1 || venue.source.startsWith('RECORDED'))
      return line('clock', 'skipped', `${open}; the simulator plays a time of its own`);
    return Math.abs(skewMs) <= MAX_SKEW_MS
      ? line('clock', 'ok', `${skewMs} ms from ours; ${open}`)
      : line('clock', 'failed', `${skewMs} ms from ours`, 'set this machine’s clock (NTP)');
  } catch (error) {
    return line('clock', 'failed', why(error), REACH_TODO);
  }
}

interface Listening {
  /** Resolves with the fault, null once the stream let us in. */
  readonly letIn: Promise<string | null>;
  readonly heard: Set<string>;
  close(): Promise<void>;
}

function listen({ tradeStream, clock }: CheckTools): Listening {
  const heard = new Set<string>();
  let fault = 'no answer';
  let handle: { close(): Promise<void> } | undefined;
  const connected = new Promise<null>((done) => {
    handle = tradeStream.start({
      update: ({ order }) => void heard.add(order.clientOrderId),
      connected: () => done(null),
      disconnected: (reason) => {
        fault = reason;
      },
      unreadable: () => undefined,
    });
  });
  const letIn = Promise.race([connected, clock.sleep(STREAM_WITHIN_MS).then(() => fault)]);
  return { letIn, heard, close: async () => handle?.close() };
}

async function dataLine(
  { marketData }: CheckTools,
  symbol: string,
): Promise<{ readonly found: CheckLine; readonly bid: Units | null }> {
  try {
    const [quote] = await marketData.latestQuotes([symbol]);
    if (quote === undefined)
      return { found: line('market data', 'failed', `no quote of ${symbol}`, 'try another --symbol'), bid: null };
    const detail = `${symbol} ${formatUnits(quote.bid)} / ${formatUnits(quote.ask)} of ${new Date(quote.atMs).toISOString()}`;
    return { found: line('market data', 'ok', detail), bid: quote.bid };
  } catch (error) {
    const todo = 'check MARKET_DATA_URL and whether the keys may read market data';
    return { found: line('market data', 'failed', why(error), todo), bid: null };
  }
}

function limitLine({ announcedLimit, health }: CheckTools): CheckLine {
  const announced = announcedLimit();
  const ours = health().requestsPerMinute;
  if (announced === null)
    return line(
      'rate limit',
      'skipped',
      `the answers name none; we keep to ${ours === 0 ? 'none' : `${ours} a minute`}`,
    );
  return line('rate limit', 'ok', `${announced} a minute named by the broker; we keep to ${ours || 'none'}`);
}

async function orderLine(
  tools: CheckTools,
  options: CheckOptions,
  venue: VenueInfo,
  bid: Units | null,
  heard: ReadonlySet<string>,
): Promise<CheckLine> {
  const skipped = options.orderSkipped(venue);
  if (skipped !== null) return line('order', 'skipped', skipped);
  if (bid === null || bid <= 0n)
    return line('order', 'skipped', 'without a quote nobody knows what is far from the market');
  // Half of the bid, in whole cents: far below, and never filled by any sane market.
  const cent = ONE / 100n;
  const price = (bid / 2n / cent) * cent;
  return { name: 'order', ...(await checkOrder(tools, { symbol: options.symbol, price, heard })) };
}

/** What the venue is, or why the rest cannot be asked. */
async function venueLine({ venue }: CheckTools): Promise<{ found: CheckLine; venue: VenueInfo | null }> {
  try {
    const found = await venue();
    return { found: line('venue', 'ok', `${found.environment}: ${found.source}`), venue: found };
  } catch (error) {
    return { found: line('venue', 'failed', why(error), REACH_TODO), venue: null };
  }
}

/**
 * Tries everything that trading needs of a broker, in the order in which one fault hides another, and tells each as it is
 * known. Places at most one order, far from the market, and cancels it. Never throws for what the broker does.
 */
export async function checkBroker(
  tools: CheckTools,
  options: CheckOptions,
  tell: (line: CheckLine) => void,
): Promise<readonly CheckLine[]> {
  const lines: CheckLine[] = [];
  const say = (found: CheckLine) => {
    lines.push(found);
    tell(found);
  };
  const { found, venue } = await venueLine(tools);
  say(found);
  if (venue === null) return lines;
  let account: BrokerAccount;
  try {
    account = await tools.broker.account();
  } catch (error) {
    say(keysLine(tools, error));
    return lines;
  }
  say(line('keys', 'ok', `account …${account.accountId.slice(-4)}`));
  say(accountLine(account));
  const stream = listen(tools);
  try {
    say(await clockLine(tools, venue));
    const fault = await stream.letIn;
    say(
      fault === null
        ? line('stream', 'ok', 'trade_updates lets us in')
        : line('stream', 'failed', fault, 'check BROKER_STREAM_URL, and whether a proxy lets websockets through'),
    );
    const data = await dataLine(tools, options.symbol);
    say(data.found);
    say(await orderLine(tools, options, venue, data.bid, stream.heard));
    say(limitLine(tools));
  } finally {
    await stream.close();
  }
  return lines;
}
