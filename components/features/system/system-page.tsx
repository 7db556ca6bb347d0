'use client';

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { QuoteLine } from '@/components/features/quote-line';
import { BrokerPanel } from '@/components/features/system/broker-panel';
import { infoText } from '@/components/features/system/info-text';
import { formatQty, NONE } from '@/components/format/number';
import { ageSeconds, formatDuration } from '@/components/format/time';
import { useNow } from '@/components/live/now';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { DrillRow, SystemDetail } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';
import { ShortId } from '@/components/ui/figures';
import { Ago, Moment } from '@/components/ui/moment';
import { Fact, PageHeader, Panel } from '@/components/ui/panel';
import { ScrollBox } from '@/components/ui/scroll-box';
import { EmptyState, ErrorState, LoadingRows } from '@/components/ui/states';
import { useLoaded } from '@/components/ui/use-loaded';

/** Below the others, and the first paint is done sooner without it. */
const loadDrills = () => import('@/components/features/system/drills-panel');

const REFRESH_MS = 5_000;
const WORKER_DEAD_AFTER_SECONDS = 15;

interface SystemPageProps {
  readonly initial: SystemDetail;
  readonly drills: readonly DrillRow[];
}

/** The machine: workers, leases, queue, database, broker, prices. */
export function SystemPage({ initial, drills }: SystemPageProps) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.system.detail.queryOptions(undefined, { initialData: initial, refetchInterval: REFRESH_MS }),
  );
  const system = query.data;
  const lower = useLoaded(loadDrills);
  return (
    <>
      <PageHeader title="System" />
      {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
      <div className="grid items-start gap-3 xl:grid-cols-2">
        <Workers system={system} />
        <Leases system={system} />
        <DatabasePanel system={system} />
        <BrokerPanel system={system} />
        <Quotes system={system} />
        {lower === null ? (
          <Panel title="Kill drills" className="xl:col-span-2">
            <LoadingRows rows={3} />
          </Panel>
        ) : (
          <lower.DrillsPanel initial={drills} />
        )}
      </div>
    </>
  );
}

/** What has a place of its own on the page. */
function withoutEngines({ bus: _bus, quoteStore: _quotes, ...info }: SystemDetail['workers'][number]['info']) {
  return info;
}

/** One that does not beat any more: first it may come back, then it is gone, and after an hour nobody looks for it. */
const GONE_AFTER_SECONDS = 300;
const FORGOTTEN_AFTER_SECONDS = 3_600;

function Liveness({ silentSeconds }: { readonly silentSeconds: number }) {
  if (silentSeconds <= WORKER_DEAD_AFTER_SECONDS) return <Badge tone="pos">● alive</Badge>;
  return silentSeconds <= GONE_AFTER_SECONDS ? <Badge tone="danger">✕ silent</Badge> : <Badge>⊘ gone</Badge>;
}

function Workers({ system }: { readonly system: SystemDetail }) {
  const now = useNow();
  const workers = system.workers.filter(({ beatAt }) => ageSeconds(beatAt, now) <= FORGOTTEN_AFTER_SECONDS);
  return (
    <Panel title="Workers" testId="workers" className="xl:col-span-2">
      {workers.length === 0 ? (
        <EmptyState title="No worker has reported within the hour">
          Start one: without it nothing is sent, filled or reconciled.
        </EmptyState>
      ) : (
        <Scroll label="Workers">
          <thead>
            <tr>
              <th scope="col">Worker</th>
              <th scope="col">Roles</th>
              <th scope="col">Beat</th>
              <th scope="col">Started (ET)</th>
              <th scope="col">Says</th>
            </tr>
          </thead>
          <tbody>
            {workers.map((worker) => (
              <tr key={worker.id}>
                <td>
                  <Liveness silentSeconds={ageSeconds(worker.beatAt, now)} /> <ShortId id={worker.id} />
                </td>
                <td>{worker.roles.join(', ')}</td>
                <td>
                  <Ago iso={worker.beatAt} />
                </td>
                <td>
                  <Moment iso={worker.startedAt} />
                </td>
                <td className="min-w-60 whitespace-normal py-1 text-12 text-muted">
                  {infoText(withoutEngines(worker.info))}
                </td>
              </tr>
            ))}
          </tbody>
        </Scroll>
      )}
    </Panel>
  );
}

function Scroll({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <ScrollBox label={label}>
      <table className="table">{children}</table>
    </ScrollBox>
  );
}

function Leases({ system }: { readonly system: SystemDetail }) {
  const now = useNow();
  return (
    <Panel title="Leases" testId="leases">
      {system.leases.length === 0 ? (
        <EmptyState title="No lease is held" />
      ) : (
        <Scroll label="Leases">
          <thead>
            <tr>
              <th scope="col">Role</th>
              <th scope="col">Holder</th>
              <th scope="col" className="right">
                Fencing token
              </th>
              <th scope="col" className="right">
                Runs out in
              </th>
            </tr>
          </thead>
          <tbody>
            {system.leases.map((lease) => {
              const left = (Date.parse(lease.expiresAt) - now) / 1_000;
              return (
                <tr key={lease.name}>
                  <td className="font-medium">{lease.name}</td>
                  <td>
                    <ShortId id={lease.holder} />
                  </td>
                  <td className="num right">{lease.token}</td>
                  <td className={`num right ${left > 0 ? '' : 'text-danger'}`}>
                    {left > 0 ? formatDuration(left) : 'lapsed'}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </Scroll>
      )}
    </Panel>
  );
}

function megabytes(bytes: string): string {
  return `${(Number(bytes) / 1_000_000).toFixed(1)} MB`;
}

function DatabasePanel({ system }: { readonly system: SystemDetail }) {
  const { database, outbox } = system;
  // The newest beat comes first; each worker has the same engines, the watchdog has none.
  const engines = system.workers.find(({ info }) => 'bus' in info)?.info ?? {};
  const engine = (name: string) => (typeof engines[name] === 'string' ? engines[name] : NONE);
  return (
    <Panel title="Database and outbox">
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2 p-3 sm:grid-cols-4">
        <Fact label="PostgreSQL">{database.version}</Fact>
        <Fact label="Answer time">{database.latencyMs} ms</Fact>
        <Fact label="Connections">
          {database.connections} of {database.maxConnections}
        </Fact>
        <Fact label="Size">{megabytes(database.sizeBytes)}</Fact>
        <Fact label="Up since">
          <Moment iso={database.startedAt} /> ET
        </Fact>
        <Fact label="Newest event">{formatQty(outbox.newestSeq)}</Fact>
        <Fact label="Unpublished">{formatQty(String(outbox.unpublished))}</Fact>
        <Fact label="Oldest unpublished">
          {outbox.oldestUnpublishedAt === null ? NONE : <Ago iso={outbox.oldestUnpublishedAt} />}
        </Fact>
        <Fact label="Bus" className="col-span-2">
          {engine('bus')}
        </Fact>
        <Fact label="Quotes kept in" className="col-span-2">
          {engine('quoteStore')}
        </Fact>
      </dl>
    </Panel>
  );
}

function Quotes({ system }: { readonly system: SystemDetail }) {
  return (
    <Panel title="Quotes">
      {system.quotes.length === 0 ? (
        <EmptyState title="No quote has come" />
      ) : (
        <Scroll label="Quotes">
          <thead>
            <tr>
              <th scope="col">Symbol</th>
              <th scope="col">Bid / ask</th>
              <th scope="col">Received</th>
            </tr>
          </thead>
          <tbody>
            {system.quotes.map((quote) => (
              <tr key={quote.symbol}>
                <td className="font-semibold">{quote.symbol}</td>
                <td>
                  <QuoteLine symbol={quote.symbol} read={quote} />
                </td>
                <td className="text-muted">
                  <Ago iso={quote.receivedAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </Scroll>
      )}
    </Panel>
  );
}
