import type { Expectation } from '@/server/contracts/scenario';
import { displayStatus, leavesQty } from '@/server/domain/order/view';
import { positionOf } from '@/server/domain/position/ledger';
import {
  formatUnits,
  type Money,
  moneyToFixed,
  ONE,
  parseUnits,
  ratioToFixed,
  type Units,
  unitsToMoney,
} from '@/server/kernel/money';
import type { TradingState } from '@/server/kernel/vocabulary';
import type { ReplayAccount } from '@/server/replay/account';
import type { SignalRecord } from '@/server/replay/gate-context';
import type { RefusedLine, WorkingOrder } from '@/server/replay/working-order';

/** One thing that an expectation names: as text, so that a report can show it. */
export interface Comparison {
  /** `o1.status`, `account.cash` … */
  readonly what: string;
  readonly expected: string;
  readonly observed: string;
  readonly held: boolean;
}

/** What expectations look at. */
export interface Observed {
  readonly orders: ReadonlyMap<string, WorkingOrder>;
  readonly signals: ReadonlyMap<string, SignalRecord>;
  readonly account: ReplayAccount;
  /** RefusedLine of the line before; `null` when it was not refused. */
  readonly refusal: RefusedLine | null;
  readonly state: TradingState;
  /** Symbols held with less protection than they are owed. */
  readonly unprotected: readonly string[];
}

const NOTHING = 'none';

function compare(what: string, expected: string, observed: string, held = expected === observed): Comparison {
  return { what, expected, observed, held };
}

function decimalsOf(text: string): number {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
}

/** Compares after rounding the observed amount, half away from zero, to as many decimals as the expectation has. */
function rounded(what: string, expected: string, toFixed: (decimals: number) => string): Comparison {
  const observed = toFixed(decimalsOf(expected));
  const plain = (text: string) => text.replace(/^(-?)0+(?=\d)/, '$1').replace(/^-(0(?:\.0*)?)$/, '$1');
  return compare(what, expected, observed, plain(expected) === plain(observed));
}

function exactUnits(what: string, expected: string, observed: Units): Comparison {
  return compare(what, expected, formatUnits(observed), sameValue(expected, observed));
}

/** An expectation with more decimals than a unit holds is never equal. */
function sameValue(expected: string, observed: Units): boolean {
  const trimmed = expected.includes('.') ? expected.replace(/0+$/, '').replace(/\.$/, '') : expected;
  return decimalsOf(trimmed) <= 12 && parseUnits(trimmed) === observed;
}

function asSet(values: readonly string[]): string {
  return values.length === 0 ? NOTHING : [...new Set(values)].sort().join(' ');
}

/** Average price exactly, from what was traded and for how much. */
function averageToFixed(total: Money, qty: Units, decimals: number): string {
  return qty === 0n ? ratioToFixed(0n, ONE, decimals) : ratioToFixed(total, unitsToMoney(qty), decimals);
}

function checkOrder(line: Expectation, id: string, order: WorkingOrder | undefined): Comparison[] {
  if (order === undefined) return [compare(id, 'an order', NOTHING)];
  const { state } = order;
  const checks: Comparison[] = [];
  if (line.status !== undefined) checks.push(compare(`${id}.status`, line.status, displayStatus(state)));
  if (line.cum_qty !== undefined) checks.push(exactUnits(`${id}.cum_qty`, line.cum_qty, state.cumQty));
  if (line.leaves_qty !== undefined) checks.push(exactUnits(`${id}.leaves_qty`, line.leaves_qty, leavesQty(state)));
  if (line.avg_price !== undefined) {
    checks.push(
      rounded(`${id}.avg_price`, line.avg_price, (decimals) =>
        averageToFixed(state.cumNotional, state.cumQty, decimals),
      ),
    );
  }
  if (line.flags !== undefined) checks.push(compare(`${id}.flags`, asSet(line.flags), asSet(state.flags)));
  return checks;
}

function checkSignal(line: Expectation, signalId: string, record: SignalRecord | undefined): Comparison[] {
  const decision = record?.decision ?? null;
  if (decision === null) return [compare(signalId, 'a decision', NOTHING)];
  const checks: Comparison[] = [];
  if (line.decision !== undefined) checks.push(compare(`${signalId}.decision`, line.decision, decision.decision));
  if (line.codes !== undefined) {
    checks.push(compare(`${signalId}.codes`, asSet(line.codes), asSet(decision.reasons.map(({ code }) => code))));
  }
  if (line.approved_size_pct !== undefined) {
    checks.push(exactUnits(`${signalId}.approved_size_pct`, line.approved_size_pct, decision.approvedSizePct));
  }
  return checks;
}

function checkAccount(expected: NonNullable<Expectation['account']>, account: ReplayAccount): Comparison[] {
  const amounts = [
    { what: 'account.cash', expected: expected.cash, amount: () => account.ledger.cash },
    { what: 'account.equity', expected: expected.equity, amount: () => account.equity() },
    { what: 'account.fees', expected: expected.fees, amount: () => account.ledger.fees },
  ];
  const checks: Comparison[] = [];
  for (const { what, expected: text, amount } of amounts) {
    if (text !== undefined) checks.push(rounded(what, text, (decimals) => moneyToFixed(amount(), decimals)));
  }
  for (const [symbol, qty] of Object.entries(expected.positions ?? {})) {
    checks.push(exactUnits(`account.positions.${symbol}`, qty, positionOf(account.ledger, symbol).qty));
  }
  return checks;
}

/** Everything that an expect line names, compared. It holds when every comparison does. */
export function checkExpectation(line: Expectation, observed: Observed): Comparison[] {
  const { account, refusal } = observed;
  if (line.id !== undefined) return checkOrder(line, line.id, observed.orders.get(line.id));
  if (line.signal_id !== undefined) return checkSignal(line, line.signal_id, observed.signals.get(line.signal_id));
  if (line.account !== undefined) return checkAccount(line.account, account);
  if (line.fills !== undefined) return [compare('fills', String(line.fills), String(account.fills))];
  if (line.state !== undefined) return [compare('state', line.state, observed.state)];
  if (line.unprotected !== undefined)
    return [compare('unprotected', asSet(line.unprotected), asSet(observed.unprotected))];
  const codes = refusal?.codes ?? [];
  return [compare('refused', line.refused ?? '', asSet(codes), codes.includes(line.refused ?? ''))];
}
