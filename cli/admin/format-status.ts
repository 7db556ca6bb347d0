import type { StackStatus } from '@/server/composition/admin';
import { ageSeconds } from './attention';
import { formatMoment } from './table';

/** The status as a person reads it, what needs attention first. */
export function formatStatus(status: StackStatus, needs: readonly string[]): string {
  const { trading, workers, approvals, market } = status;
  const age = (at: string | null) => {
    const seconds = ageSeconds(status, at);
    return seconds === null ? 'never' : `${seconds.toFixed(1)} s ago`;
  };
  const soonest =
    approvals.soonestExpiresAt === null ? '' : `, the first expires ${formatMoment(approvals.soonestExpiresAt)}`;
  const lines: (readonly [string, string])[] = [
    ['Trading', `${trading.state} since ${formatMoment(trading.changedAt)} by ${trading.changedBy}`],
    ...haltLines(trading.halt),
    ['Stage', `${status.stage}, ${status.environment}`],
    ['Market', market === null ? 'not seen yet' : `${market.isOpen ? 'open' : 'closed'} · ${market.source}`],
    ['Workers', `${workers.alive} alive, last heartbeat ${age(workers.newestBeatAt)}`],
    ['Quotes', `newest ${age(status.newestQuote?.receivedAt ?? null)}`],
    ['Portfolio', `read ${age(status.portfolioAt)}, reconciled ${age(status.reconciledAt)}`],
    ['Approvals', `${approvals.pending} waiting${soonest}`],
    ['Orders', `${status.openOrders} open, ${status.uncertainOrders} uncertain`],
    ['Breaks', `${status.openBreaks} open`],
  ];
  const body = lines.map(([label, value]) => `${label.padEnd(10)} ${value}`);
  const head = needs.length === 0 ? ['Healthy'] : ['Needs attention:', ...needs.map((need) => `  - ${need}`)];
  return [...head, '', ...body].join('\n');
}

function haltLines(halt: StackStatus['trading']['halt']): (readonly [string, string])[] {
  if (halt === null) return [];
  const { requestedAt, acknowledgedAt, verifiedAt } = halt;
  return [
    [
      'Halt',
      `requested ${formatMoment(requestedAt)}, acknowledged ${formatMoment(acknowledgedAt)}, verified ${formatMoment(verifiedAt)}`,
    ],
  ];
}
