import type { Command } from 'commander';
import { formatMoment } from '@/cli/format';
import { runAdmin } from '@/cli/run-admin';
import type { StackStatus } from '@/server/composition/admin';
import { type AlertCode, alertInfo } from '@/server/contracts/alerts';
import { describeCauseEnd, TRADING_CAUSE_LABEL } from '@/server/domain/policy/cause-words';

const HELP = `
Waiting approvals are shown, but are ordinary work: they do not make the stack unhealthy.

Examples:
  countersign status
  countersign status --json | jq .attention
  countersign status --json | jq .openAlerts
Exit codes: 0 healthy, 1 needs attention (what is listed), 2 the database cannot be reached.`;

export function statusCommand(program: Command): void {
  program
    .command('status')
    .description('Trading state, workers, open alerts with their causes, approvals, orders, breaks and the age of data')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action((options: { json?: boolean }) =>
      runAdmin(async (admin) => {
        const status = await admin.status();
        const needs = attention(status);
        console.log(
          options.json === true
            ? JSON.stringify({ healthy: needs.length === 0, attention: needs, ...status })
            : formatStatus(status, needs),
        );
        return needs.length === 0 ? 0 : 1;
      }),
    );
}

/** Policy refuses orders on a portfolio older than this. */
const MAX_PORTFOLIO_AGE_SECONDS = 15;

/** Seconds between a moment and the database's clock; null for never. */
function ageSeconds(status: StackStatus, at: string | null): number | null {
  return at === null ? null : Math.max(0, (Date.parse(status.serverTime) - Date.parse(at)) / 1_000);
}

/** Alerts whose causes the lines before them state already. */
const STATED_ABOVE: readonly string[] = ['HALT', 'BREAK'] satisfies readonly AlertCode[];

/** What a person should look at, in words; empty when all is well. */
function attention(status: StackStatus): readonly string[] {
  const { trading, workers, openBreaks, uncertainOrders, openAlerts } = status;
  const found: string[] = [];
  if (trading.state !== 'ACTIVE') found.push(`trading is ${trading.state}: ${trading.reason || 'no reason given'}`);
  if (trading.halt !== null && trading.halt.verifiedAt === null) found.push('the halt is not verified yet');
  if (workers.alive === 0) found.push('no worker is alive');
  if (openBreaks > 0) found.push(`${openBreaks} reconciliation break(s) are open`);
  if (uncertainOrders > 0) found.push(`${uncertainOrders} order(s) may or may not be at the broker`);
  found.push(...openAlerts.filter(({ kind }) => !STATED_ABOVE.includes(kind)).map(alertText));
  const portfolioAge = ageSeconds(status, status.portfolioAt);
  if (portfolioAge === null) found.push('the portfolio was never read from the broker');
  else if (portfolioAge > MAX_PORTFOLIO_AGE_SECONDS)
    found.push(`the portfolio was read ${Math.round(portfolioAge)} s ago`);
  const quoteAge = ageSeconds(status, status.newestQuote?.receivedAt ?? null);
  if (status.market?.isOpen === true && (quoteAge === null || quoteAge > status.maxDataAgeSeconds)) {
    found.push(
      quoteAge === null
        ? 'the market is open and no quote ever came'
        : `the market is open and the newest quote came ${Math.round(quoteAge)} s ago`,
    );
  }
  return found;
}

/** An open alert with its cause. A message that does not name its subject is shown with it. */
function alertText({ kind, subject, message, openedAt }: StackStatus['openAlerts'][number]): string {
  const { severity, title } = alertInfo(kind);
  const of = message.includes(subject) ? '' : ` (${subject})`;
  return `${severity} alert ${title}${of} since ${formatMoment(openedAt)}: ${message}`;
}

/** The status as a person reads it, what needs attention first. */
function formatStatus(status: StackStatus, needs: readonly string[]): string {
  const { trading, workers, approvals, market } = status;
  const age = (at: string | null) => {
    const seconds = ageSeconds(status, at);
    return seconds === null ? 'never' : `${seconds.toFixed(1)} s ago`;
  };
  const soonest =
    approvals.soonestExpiresAt === null ? '' : `, the first expires ${formatMoment(approvals.soonestExpiresAt)}`;
  const lines: (readonly [string, string])[] = [
    ['Trading', `${trading.state} since ${formatMoment(trading.changedAt)} by ${trading.changedBy}`],
    ...trading.causes.map(causeLine),
    ...haltLines(trading.halt),
    ['Stage', `${status.stage}, ${status.environment}`],
    ['Market', market === null ? 'not seen yet' : `${market.isOpen ? 'open' : 'closed'} · ${market.source}`],
    ['Workers', `${workers.alive} alive, last heartbeat ${age(workers.newestBeatAt)}`],
    ['Quotes', `newest ${age(status.newestQuote?.receivedAt ?? null)}`],
    ['Portfolio', `read ${age(status.portfolioAt)}, reconciled ${age(status.reconciledAt)}`],
    ['Approvals', `${approvals.pending} waiting${soonest}`],
    ['Orders', `${status.openOrders} open, ${status.uncertainOrders} uncertain`],
    ['Breaks', `${status.openBreaks} open`],
    ['Alerts', `${status.openAlerts.length} open`],
  ];
  const body = lines.map(([label, value]) => `${label.padEnd(10)} ${value}`);
  const head = needs.length === 0 ? ['Healthy'] : ['Needs attention:', ...needs.map((need) => `  - ${need}`)];
  return [...head, '', ...body].join('\n');
}

function causeLine(cause: StackStatus['trading']['causes'][number]): readonly [string, string] {
  const opened = `since ${formatMoment(cause.openedAt)} by ${cause.openedBy}: ${cause.reason}`;
  return ['Cause', `${TRADING_CAUSE_LABEL[cause.cause]} ${opened}. ${describeCauseEnd(cause.untilNextSession)}`];
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
