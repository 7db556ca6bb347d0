import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMoney, parseUnits } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';
import { fuzz } from '@/test-support/fuzz';
import { acceptedPositionEntry } from './accepted';
import { type Activity, activityEntries, reversalEntry } from './activity';
import { amendmentEntries, foldMovements, type Movement } from './history';
import { book, EMPTY_LEDGER, type Entry, fillEntry, imbalance, type Ledger, positionOf } from './ledger';

const activity = (changes: Partial<Activity>): Activity => ({
  ref: 'r',
  type: 'FEE',
  category: 'FEE',
  symbol: 'A',
  amount: 0n,
  shares: 0n,
  price: null,
  groupId: null,
  atMs: 0,
  ...changes,
});
const holding = (qty: string, cost: string): Ledger => ({
  ...EMPTY_LEDGER,
  positions: new Map([['A', { symbol: 'A', qty: parseUnits(qty), cost: parseMoney(cost), realised: 0n }]]),
});
const bookAll = (ledger: Ledger, ...activities: Activity[]) => {
  const built = activityEntries(ledger, activities);
  return { built, ledger: built.reduce((state, { entry }) => book(state, entry), ledger) };
};

describe('an activity', () => {
  it('pays a dividend on shares without moving them, unless it is paid in shares', () => {
    const paid = bookAll(
      holding('10', '100'),
      activity({ type: 'DIV', category: 'DIVIDEND', amount: parseMoney('2') }),
    );
    expect(positionOf(paid.ledger, 'A').qty).toBe(parseUnits('10'));
    expect(paid.ledger.income).toBe(parseMoney('2'));
    const inShares = bookAll(
      holding('10', '100'),
      activity({ type: 'DIV', category: 'DIVIDEND', shares: parseUnits('1') }),
    );
    expect(positionOf(inShares.ledger, 'A')).toMatchObject({ qty: parseUnits('11'), cost: parseMoney('100') });
  });

  it.each([
    ['a split as a difference', '10', [['20', null]], '30', '100'],
    ['a reverse split as a difference', '10', [['-9', null]], '1', '100'],
    [
      'a split as old and new shares',
      '10',
      [
        ['-10', 'g'],
        ['20', 'g'],
      ],
      '20',
      '100',
    ],
    [
      'the same, new shares first',
      '10',
      [
        ['20', 'g'],
        ['-10', 'g'],
      ],
      '20',
      '100',
    ],
    [
      'a short that splits',
      '-10',
      [
        ['10', 'g'],
        ['-20', 'g'],
      ],
      '-20',
      '-100',
    ],
  ] as const)('%s keeps the cost', (_, qty, legs, left, cost) => {
    const start = holding(qty, qty.startsWith('-') ? '-100' : '100');
    const split = legs.map(([shares, groupId], n) =>
      activity({ ref: `r${n}`, type: 'SPLIT', category: 'SPLIT', shares: parseUnits(shares), groupId }),
    );
    const { ledger } = bookAll(start, ...split);
    expect(positionOf(ledger, 'A')).toMatchObject({ qty: parseUnits(left), cost: parseMoney(cost), realised: 0n });
  });

  it('removes worthless shares without a trading loss, and says so', () => {
    const { built, ledger } = bookAll(
      holding('10', '100'),
      activity({ type: 'REORG', category: 'SPLIT', shares: parseUnits('-10') }),
    );
    expect(positionOf(ledger, 'A')).toMatchObject({ qty: 0n, cost: 0n, realised: 0n });
    expect(ledger.adjustments).toBe(parseMoney('-100'));
    expect(built[0]?.note).toContain('cost became an adjustment');
  });

  it('buys out shares for cash without a trading profit', () => {
    const merged = activity({ type: 'MA', category: 'SPLIT', shares: parseUnits('-10'), amount: parseMoney('150') });
    const { ledger } = bookAll(holding('10', '100'), merged);
    expect(ledger).toMatchObject({ cash: parseMoney('150'), adjustments: parseMoney('50') });
    expect(positionOf(ledger, 'A')).toMatchObject({ qty: 0n, cost: 0n, realised: 0n });
  });

  it('names shares without a price, and shares of no symbol', () => {
    expect(
      bookAll(EMPTY_LEDGER, activity({ type: 'JNLS', category: 'TRANSFER', shares: parseUnits('1') })).built[0]?.note,
    ).toContain('no cost');
    const nameless = bookAll(
      EMPTY_LEDGER,
      activity({ type: 'JNLS', category: 'TRANSFER', symbol: null, shares: parseUnits('1') }),
    );
    expect(nameless.built[0]).toMatchObject({ note: expect.stringContaining('no symbol'), entry: { postings: [] } });
  });
});

describe('a bust of a fill behind a transfer', () => {
  it('leaves no cost without a share', () => {
    const buy = { kind: 'trade', side: 'BUY', qty: parseUnits('10'), price: parseUnits('10') } as const;
    const moves: Movement[] = [
      buy,
      { ...buy, price: parseUnits('30') },
      { kind: 'shares', qty: parseUnits('-10'), cost: parseMoney('-200') },
    ];
    const ledger: Ledger = { ...EMPTY_LEDGER, positions: new Map([['A', foldMovements('A', moves)]]) };
    const entries = amendmentEntries(ledger, 'A', [buy, ...moves.slice(2)], 'bust');
    const amended = entries.reduce(book, ledger);
    expect(positionOf(amended, 'A')).toMatchObject({ qty: 0n, cost: 0n });
    expect(amended.cash).toBe(parseMoney('300'));
    expect(entries.map(({ kind }) => kind)).toEqual(['AMENDMENT', 'ADJUSTMENT']);
  });
});

/** A step of an account's life, as generated. */
type Step =
  | {
      readonly kind: 'fill';
      readonly symbol: string;
      readonly side: Side;
      readonly qty: bigint;
      readonly price: bigint;
    }
  | { readonly kind: 'bust'; readonly pick: number }
  | { readonly kind: 'activity'; readonly activity: Omit<Activity, 'ref' | 'atMs'> }
  | { readonly kind: 'take back'; readonly pick: number }
  | { readonly kind: 'accept'; readonly symbol: string; readonly qty: bigint; readonly cost: bigint | null };

const CATEGORIES = ['FEE', 'DIVIDEND', 'INTEREST', 'TRANSFER', 'SPLIT', 'ADJUSTMENT'] as const;
const symbols = fc.constantFrom('A', 'B');
const units = fc.bigInt(1n, 10n ** 16n);
const signed = fc.bigInt(-(10n ** 16n), 10n ** 16n);
const money = fc.bigInt(-(10n ** 28n), 10n ** 28n);
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('fill'),
    symbol: symbols,
    side: fc.constantFrom('BUY', 'SELL'),
    qty: units,
    price: units,
  }),
  fc.record({ kind: fc.constant('bust'), pick: fc.nat(50) }),
  fc.record({
    kind: fc.constant('activity'),
    activity: fc.record({
      type: fc.constantFrom('X', 'Y'),
      category: fc.constantFrom(...CATEGORIES),
      symbol: fc.constantFrom('A', 'B', null),
      amount: fc.oneof(fc.constant(0n), money),
      shares: fc.oneof(fc.constant(0n), signed),
      price: fc.oneof(fc.constant(null), units),
      groupId: fc.constantFrom(null, 'g'),
    }),
  }),
  fc.record({ kind: fc.constant('take back'), pick: fc.nat(50) }),
  fc.record({ kind: fc.constant('accept'), symbol: symbols, qty: signed, cost: fc.constant(null) }),
);

interface Life {
  ledger: Ledger;
  readonly entries: Entry[];
  /** What moved each symbol's shares and still counts. */
  readonly moves: Map<string, (Movement & { readonly ref: string })[]>;
}

function write(life: Life, entry: Entry): void {
  expect(entry.postings.reduce((sum, { amount }) => sum + amount, 0n)).toBe(0n);
  life.ledger = book(life.ledger, entry);
  life.entries.push(entry);
}

function movesOf(life: Life, symbol: string) {
  const found = life.moves.get(symbol) ?? [];
  life.moves.set(symbol, found);
  return found;
}

function writeShares(life: Life, entry: Entry): void {
  write(life, entry);
  for (const { account, symbol, qty, amount } of entry.postings) {
    if (account === 'POSITION' && symbol !== null)
      movesOf(life, symbol).push({ kind: 'shares', qty, cost: amount, ref: entry.ref });
  }
}

function bust(life: Life, pick: number, ref: string): void {
  const fills = [...life.moves].flatMap(([symbol, moves]) =>
    moves.filter(({ kind }) => kind === 'trade').map((move) => ({ symbol, move })),
  );
  const chosen = fills[pick % Math.max(1, fills.length)];
  if (chosen === undefined) return;
  const left = movesOf(life, chosen.symbol).filter((move) => move !== chosen.move);
  life.moves.set(chosen.symbol, left);
  for (const entry of amendmentEntries(life.ledger, chosen.symbol, left, ref)) {
    if (entry.kind === 'ADJUSTMENT') writeShares(life, entry);
    else write(life, entry);
  }
}

function take(life: Life, step: Step, n: number): void {
  const ref = `r${n}`;
  if (step.kind === 'fill') {
    write(life, fillEntry(life.ledger, step.symbol, step, ref));
    movesOf(life, step.symbol).push({ ...step, kind: 'trade', ref });
  } else if (step.kind === 'activity') {
    for (const { entry } of activityEntries(life.ledger, [{ ...step.activity, ref, atMs: n }]))
      writeShares(life, entry);
  } else if (step.kind === 'bust') bust(life, step.pick, ref);
  else if (step.kind === 'accept') {
    const held = positionOf(life.ledger, step.symbol);
    writeShares(life, acceptedPositionEntry(ref, step.symbol, held, step));
  } else {
    const booked = life.entries.filter(({ kind }) => kind !== 'FILL' && kind !== 'AMENDMENT');
    const chosen = booked[step.pick % Math.max(1, booked.length)];
    if (chosen !== undefined) writeShares(life, reversalEntry(chosen.kind, ref, chosen.postings));
  }
}

describe('any sequence of fills, busts, activities, reversals and acceptances', () => {
  it('balances, keeps cash to what was paid, and quantities to what moved', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 40 }), (sequence) => {
        const life: Life = { ledger: EMPTY_LEDGER, entries: [], moves: new Map() };
        for (const [n, step] of sequence.entries()) take(life, step, n);
        expect(imbalance(life.ledger)).toBe(0n);
        const cash = life.entries.flatMap(({ postings }) => postings).filter(({ account }) => account === 'CASH');
        expect(cash.reduce((sum, { amount }) => sum + amount, 0n)).toBe(life.ledger.cash);
        for (const [symbol, moves] of life.moves) {
          const folded = foldMovements(symbol, moves);
          const held = positionOf(life.ledger, symbol);
          expect(held.qty).toBe(folded.qty);
          // Whatever order it came in, the books stand as the movements that still count leave them.
          expect(held.realised - held.cost).toBe(folded.realised - folded.cost);
        }
      }),
      fuzz(400),
    );
  });

  it('never makes an activity trading profit', () => {
    const activities = steps.filter((step) => step.kind === 'activity' || step.kind === 'accept');
    fc.assert(
      fc.property(fc.array(activities, { maxLength: 30 }), (sequence) => {
        const life: Life = { ledger: EMPTY_LEDGER, entries: [], moves: new Map() };
        for (const [n, step] of sequence.entries()) take(life, step, n);
        for (const { realised } of life.ledger.positions.values()) expect(realised).toBe(0n);
      }),
    );
  });
});
