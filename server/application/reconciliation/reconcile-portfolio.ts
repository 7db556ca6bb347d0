import type { ExecutionContext } from '@/server/application/execution-context';
import type { BrokerAccount, BrokerPosition, UnreadableItem } from '@/server/application/ports/broker';
import {
  type BreakNews,
  CASH_SYMBOL,
  type OpenBreak,
  type ReconciliationStore,
} from '@/server/application/ports/reconciliation-store';
import { formatMoney, type Money } from '@/server/kernel/money';
import { cashTolerance } from './cash-tolerance';
import { cashGap, comparePositions, confirmed, type PositionDifference } from './compare-portfolio';

/** Between two looks at a difference: the stream's news is booked within it. */
const SECOND_LOOK_MS = 400;
/** Looks at one round's difference before it is believed. */
const LOOKS = 3;

export interface PortfolioLook {
  readonly account: BrokerAccount;
  readonly positions: readonly BrokerPosition[];
  readonly differences: readonly PositionDifference[];
  /** Our cash less the broker's; 0 within the tolerance. */
  readonly cashDifference: Money;
  readonly cashTolerance: Money;
  /** Symbols, or that of cash, that differ in the last look otherwise than in the one before: no break yet, and no agreement. */
  readonly unsettled: ReadonlySet<string>;
  /** Positions that could not be read. */
  readonly unreadable: readonly UnreadableItem[];
}

async function look(context: ExecutionContext, books: ReconciliationStore, rounding: Money): Promise<PortfolioLook> {
  const { broker, persist } = context;
  const account = await broker.account();
  const unreadable: UnreadableItem[] = [];
  const positions = await broker.positions((item) => unreadable.push(item));
  const ours = await persist(() => books.positions());
  const cash = await persist(() => books.ledgerCash());
  const gap = cash - account.cash;
  const fills = gap === 0n || rounding === 0n ? 0 : await persist(() => books.fillsSinceTieOut());
  const tolerance = cashTolerance(rounding, fills);
  // What is held of a symbol whose position cannot be read is not known: neither a difference nor an agreement.
  const unsettled = new Set(unreadable.flatMap(({ symbol }) => symbol ?? []));
  const differences = comparePositions(ours, positions).filter(({ symbol }) => !unsettled.has(symbol));
  const cashDifference = cashGap(gap, tolerance);
  return { account, positions, differences, cashDifference, cashTolerance: tolerance, unsettled, unreadable };
}

/** Books what the statement has gained since: fills and fees that came between two queries. */
export type CatchUp = () => Promise<void>;

const agrees = ({ differences, cashDifference }: PortfolioLook) => differences.length === 0 && cashDifference === 0n;

/** The last look, without what differed otherwise in the one before. */
function believed(before: PortfolioLook, last: PortfolioLook): PortfolioLook {
  const differences = confirmed(before.differences, last.differences);
  const sameCash = before.cashDifference === last.cashDifference;
  const moving = last.differences.filter((each) => !differences.includes(each)).map(({ symbol }) => symbol);
  const cash = sameCash || last.cashDifference === 0n ? [] : [CASH_SYMBOL];
  const unsettled = new Set([...last.unsettled, ...moving, ...cash]);
  return { ...last, differences, cashDifference: sameCash ? last.cashDifference : 0n, unsettled };
}

/** Looks until both sides agree, at most three times; what stays the same between the last two looks is a difference. */
async function settledLook(
  context: ExecutionContext,
  books: ReconciliationStore,
  catchUp: CatchUp,
  rounding: Money,
): Promise<PortfolioLook> {
  let last = await look(context, books, rounding);
  for (let n = 1; n < LOOKS && !agrees(last); n++) {
    await context.clock.sleep(SECOND_LOOK_MS, context.signal);
    await catchUp();
    const next = await look(context, books, rounding);
    last = n === LOOKS - 1 ? believed(last, next) : next;
  }
  return last;
}

/** A short's cost is what it brought in: negative, as in our books. */
const signedCost = ({ qty, cost }: BrokerPosition): Money => (qty < 0n ? -cost : cost);

/** The breaks that a look calls for, with what both sides say. */
function breaksOf(found: PortfolioLook): readonly BreakNews[] {
  const held = new Map(found.positions.map((each) => [each.symbol, each]));
  const positions = found.differences.map(({ symbol, cause, ours, theirs }): BreakNews => {
    const broker = held.get(symbol);
    const cost = broker === undefined ? 0n : signedCost(broker);
    return { symbol, orderId: null, cause, ours: { qty: ours }, theirs: { qty: theirs, cost: formatMoney(cost) } };
  });
  if (found.cashDifference === 0n) return positions;
  const { cash } = found.account;
  const ours = { cash: formatMoney(cash + found.cashDifference) };
  const theirs = {
    cash: formatMoney(cash),
    difference: formatMoney(-found.cashDifference),
    tolerance: formatMoney(found.cashTolerance),
  };
  return [...positions, { symbol: CASH_SYMBOL, orderId: null, cause: 'CASH_MISMATCH', ours, theirs }];
}

/** While cash differs by the same amount nothing has changed, though both sides go on trading. */
function figures({ cause, ours, theirs }: Pick<BreakNews, 'cause' | 'ours' | 'theirs'>): string {
  if (cause === 'CASH_MISMATCH') return String(theirs['difference']);
  return JSON.stringify([ours['qty'], theirs['qty'], theirs['cost']]);
}

/** Overfills that the broker has taken back since: the order holds no more than its quantity again. */
async function takenBack({ persist }: ExecutionContext, books: ReconciliationStore, open: readonly OpenBreak[]) {
  if (!open.some(({ cause }) => cause === 'OVERFILL')) return [];
  const ids = await persist(() => books.overfillsTakenBack());
  return ids.map((id) => ({ id, reason: 'the broker took back what was filled beyond the order' }));
}

/** Opens what differs, keeps its figures current and closes what agrees again. A round without news writes nothing. */
async function keepBreaks(context: ExecutionContext, books: ReconciliationStore, found: PortfolioLook): Promise<void> {
  const { persist, log, fence } = context;
  const ofAccount = ({ cause }: Pick<OpenBreak, 'cause'>) => cause === 'POSITION_MISMATCH' || cause === 'CASH_MISMATCH';
  const key = ({ symbol, cause }: Pick<BreakNews, 'symbol' | 'cause'>) => `${cause} ${symbol}`;
  const all = await persist(() => books.openBreaks());
  const standing = all.filter(ofAccount);
  const known = new Map(standing.map((each) => [key(each), each]));
  const now = new Map(breaksOf(found).map((each) => [key(each), each]));
  const open = [...now.values()].filter((each) => {
    const before = known.get(key(each));
    return before === undefined || figures(before) !== figures(each);
  });
  const resolve = [
    ...standing
      .filter((each) => !now.has(key(each)) && !found.unsettled.has(each.symbol))
      .map(({ id }) => ({ id, reason: 'both sides agree again' })),
    ...(await takenBack(context, books, all)),
  ];
  if (open.length === 0 && resolve.length === 0) return;
  await persist(() => books.saveBreaks(fence, { open, resolve }));
  for (const { symbol, ours, theirs } of open) log.error({ symbol, ours, theirs }, 'our books differ from the broker');
}

/**
 * Compares positions and cash with the broker's, keeps the breaks, and returns the last look.
 * @param rounding what one amount of the broker's may be off (P-16)
 */
export async function reconcilePortfolio(
  context: ExecutionContext,
  books: ReconciliationStore,
  catchUp: CatchUp,
  rounding: Money = 0n,
): Promise<PortfolioLook> {
  const found = await settledLook(context, books, catchUp, rounding);
  await keepBreaks(context, books, found);
  return found;
}
