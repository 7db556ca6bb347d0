import type { ExecutionContext } from '@/server/application/execution-context';
import type { UnreadableItem } from '@/server/application/ports/broker';
import {
  BROKER_SYMBOL,
  type BreakNews,
  type ReconciliationStore,
} from '@/server/application/ports/reconciliation-store';

type ItemBooks = Pick<ReconciliationStore, 'openBreaks' | 'acceptedUnreadable' | 'saveBreaks'>;

/** Activities are listed once: their break stays until a person resolves it. */
const ACTIVITY = 'ACTIVITY ';

const nameOf = ({ kind, id }: UnreadableItem) => `${kind} ${id ?? 'without id'}`;

/** The items of each symbol, by name. */
function bySymbol(items: readonly UnreadableItem[], accepted: ReadonlySet<string>) {
  const found = new Map<string, Record<string, string>>();
  for (const item of items) {
    const symbol = item.symbol ?? BROKER_SYMBOL;
    if (accepted.has(`${symbol} ${nameOf(item)} ${item.why}`)) continue;
    found.set(symbol, { ...found.get(symbol), [nameOf(item)]: item.why });
  }
  return found;
}

const same = (a: BreakNews['theirs'], b: BreakNews['theirs']) =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());

/**
 * Keeps one break a symbol that names each item which cannot be read. It ends by agreement once the broker no longer
 * lists them; what a person has resolved is not opened again.
 * @param items everything that the round could not read
 */
export async function keepUnreadableItems(
  context: ExecutionContext,
  books: ItemBooks,
  items: readonly UnreadableItem[],
): Promise<void> {
  const { persist, fence, log } = context;
  const breaks = await persist(() => books.openBreaks());
  const standing = new Map(
    breaks
      .filter(({ cause, orderId }) => cause === 'UNREADABLE_ITEM' && orderId === null)
      .map((each) => [each.symbol, each]),
  );
  if (items.length === 0 && standing.size === 0) return;
  const listed = bySymbol(items, items.length === 0 ? new Set() : await persist(() => books.acceptedUnreadable()));
  const open: BreakNews[] = [];
  const resolve: { id: string; reason: string }[] = [];
  for (const symbol of new Set([...standing.keys(), ...listed.keys()])) {
    const before = standing.get(symbol);
    const kept = Object.entries(before?.theirs ?? {}).filter(([name]) => name.startsWith(ACTIVITY));
    const theirs = { ...Object.fromEntries(kept), ...listed.get(symbol) };
    if (Object.keys(theirs).length === 0) {
      if (before !== undefined) resolve.push({ id: before.id, reason: 'the broker no longer lists it' });
    } else if (before === undefined || !same(before.theirs, theirs)) {
      open.push({ symbol, orderId: null, cause: 'UNREADABLE_ITEM', ours: {}, theirs });
    }
  }
  if (open.length === 0 && resolve.length === 0) return;
  await persist(() => books.saveBreaks(fence, { open, resolve }));
  for (const { symbol, theirs } of open)
    log.error({ symbol, theirs }, 'the broker lists what cannot be read or booked');
}
