'use client';

import { NONE } from '@/components/format/number';
import { formatDuration } from '@/components/format/time';
import { BROKER_STATE, BROKER_WORDS, remedyText } from '@/components/status/broker';
import type { SystemDetail } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';
import { Link } from '@/components/ui/link';
import { Ago } from '@/components/ui/moment';
import { Fact, Panel } from '@/components/ui/panel';

const BREAKER: Readonly<Record<string, string>> = {
  CLOSED: 'closed',
  OPEN: 'open; requests wait',
  HALF_OPEN: 'half open',
};

function skewText(ms: number | null): string {
  if (ms === null) return NONE;
  return `${ms > 0 ? '+' : ms < 0 ? '−' : ''}${Math.abs(ms)} ms`;
}

function budgetText(health: SystemDetail['broker']['health']): string {
  if (health === null) return NONE;
  if (health.requestsPerMinute === 0) return 'no limit';
  const left = health.tokensLeft === null ? NONE : `${Math.floor(health.tokensLeft)} left`;
  return health.requestsPerMinute === null ? left : `${left} · ${health.requestsPerMinute}/min`;
}

/** The broker connection, and the state of reconciliation. */
export function BrokerPanel({ system }: { readonly system: SystemDetail }) {
  const { broker } = system;
  const { health, round } = broker;
  return (
    <Panel
      title="Broker"
      testId="broker"
      aside={
        <Link href="/reconciliation" className="text-12 text-primary hover:underline">
          Reconciliation
        </Link>
      }
    >
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2 p-3 sm:grid-cols-4">
        <Fact label="State">{health === null ? 'unknown' : <StateBadge health={health} />}</Fact>
        <Fact label="Circuit breaker">
          {health?.breaker == null ? NONE : (BREAKER[health.breaker] ?? health.breaker)}
        </Fact>
        <Fact label="Request budget">{budgetText(health)}</Fact>
        <Fact label="Trade updates">{health?.stream?.toLowerCase() ?? NONE}</Fact>
        <Fact label="Clock skew">{skewText(health?.clockSkewMs ?? null)}</Fact>
        <Fact label="Account">
          <Whole>{broker.accountId ?? 'not seen yet'}</Whole>
        </Fact>
        <Fact label="Opening balances">
          <Whole>{broker.openedBy === null ? 'not signed' : `signed by ${broker.openedBy}`}</Whole>
        </Fact>
        <Fact label="Portfolio read">{broker.portfolioAt === null ? 'never' : <Ago iso={broker.portfolioAt} />}</Fact>
        <Fact label="Reconciled">{broker.reconciledAt === null ? 'never' : <Ago iso={broker.reconciledAt} />}</Fact>
        <Fact label="Last round">
          <Whole>
            {round === null || round.ms === null
              ? NONE
              : `${Math.round(round.ms)} ms · ${round.requests ?? NONE} requests`}
          </Whole>
        </Fact>
        <Fact label="Rounds every">
          {round === null || round.everyMs === null ? NONE : formatDuration(round.everyMs / 1_000)}
        </Fact>
        <Fact label="Failed rounds in a row">
          <span className={broker.failedRounds > 0 ? 'font-medium text-danger' : ''}>{broker.failedRounds}</span>
        </Fact>
      </dl>
      {health !== null && health.state !== 'OK' && (
        <p className="border-t border-border px-3 py-2 text-12">
          {BROKER_WORDS[health.state].effect} {remedyText(health.state, health.detail)}
        </p>
      )}
    </Panel>
  );
}

/** Goes on in a second line rather than being cut off. */
function Whole({ children }: { readonly children: string }) {
  return <span className="whitespace-normal">{children}</span>;
}

function StateBadge({ health }: { readonly health: NonNullable<SystemDetail['broker']['health']> }) {
  const look = BROKER_STATE[health.state];
  return (
    <span className="flex flex-wrap items-center gap-1.5">
      <Badge tone={look.tone}>
        <span aria-hidden="true">{look.glyph}</span>
        {look.label}
      </Badge>
      {health.since !== null && (
        <span className="text-12 text-muted">
          <Ago iso={health.since} suffix="" />
        </span>
      )}
    </span>
  );
}
