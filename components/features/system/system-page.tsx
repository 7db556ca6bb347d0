'use client';

import { useQuery } from '@tanstack/react-query';
import { QuoteLine } from '@/components/features/quote-line';
import { BrokerPanel } from '@/components/features/system/broker-panel';
import { DrillsPanel } from '@/components/features/system/drills-panel';
import { formatQty, NONE } from '@/components/format/number';
import { recordText } from '@/components/format/record';
import { ageSeconds, formatDuration } from '@/components/format/time';
import { useNow } from '@/components/live/now';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { DrillRow, SystemDetail } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';
import { ShortId } from '@/components/ui/figures';
import { Ago, Moment } from '@/components/ui/moment';
import { Fact, PageHeader, Panel } from '@/components/ui/panel';
import { EmptyState, ErrorState } from '@/components/ui/states';

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
        <DrillsPanel initial={drills} />
      </div>
    </>
  );
}

/** The database panel shows bus and quote store. */
function withoutEngines({ bus: _bus, quoteStore: _quotes, ...info }: SystemDetail['workers'][number]['info']) {
  return info;
}

/** A silent worker may come back; later it counts as gone, and after an hour it is not listed any more. */
const GONE_AFTER_SECONDS = 300;
const FORGOTTEN_AFTER_SECONDS = 3_600;

function Liveness({ beatAt }: { readonly beatAt: string }) {
  const silentSeconds = ageSeconds(beatAt, useNow());
  if (silentSeconds <= WORKER_DEAD_AFTER_SECONDS) return <Badge tone="pos">● alive</Badge>;
  return silentSeconds <= GONE_AFTER_SECONDS ? <Badge tone="danger">✕ silent</Badge> : <Badge>⊘ gone</Badge>;
}

type Worker = SystemDetail['workers'][number];

const WORKER_COLUMNS: readonly Column<Worker>[] = [
  {
    id: 'worker',
    header: 'Worker',
    width: 176,
    cell: (worker) => (
      <>
        <Liveness beatAt={worker.beatAt} /> <ShortId id={worker.id} />
      </>
    ),
  },
  { id: 'roles', header: 'Roles', width: 200, wrap: true, cell: (worker) => worker.roles.join(', ') },
  { id: 'heartbeat', header: 'Heartbeat', width: 104, cell: (worker) => <Ago iso={worker.beatAt} /> },
  { id: 'started', header: 'Started (ET)', width: 128, cell: (worker) => <Moment iso={worker.startedAt} /> },
  {
    id: 'details',
    header: 'Details',
    width: 400,
    wrap: true,
    className: 'py-1 text-12 text-muted',
    cell: (worker) => recordText(withoutEngines(worker.info)),
  },
];

function Workers({ system }: { readonly system: SystemDetail }) {
  const now = useNow();
  const workers = system.workers.filter(({ beatAt }) => ageSeconds(beatAt, now) <= FORGOTTEN_AFTER_SECONDS);
  return (
    <Panel title="Workers" testId="workers" className="xl:col-span-2">
      <Table
        label="Workers"
        columns={WORKER_COLUMNS}
        rows={workers}
        rowKey={(worker) => worker.id}
        empty={
          <EmptyState title="No worker has reported within the last hour">
            Start one. Without a worker no order is sent, filled or reconciled.
          </EmptyState>
        }
      />
    </Panel>
  );
}

type Lease = SystemDetail['leases'][number];

const LEASE_COLUMNS: readonly Column<Lease>[] = [
  { id: 'role', header: 'Role', className: 'font-medium', cell: (lease) => lease.name },
  { id: 'holder', header: 'Holder', cell: (lease) => <ShortId id={lease.holder} /> },
  { id: 'token', header: 'Fencing token', figure: true, cell: (lease) => lease.token },
  { id: 'expires', header: 'Expires in', figure: true, cell: (lease) => <TimeLeft until={lease.expiresAt} /> },
];

function TimeLeft({ until }: { readonly until: string }) {
  const left = (Date.parse(until) - useNow()) / 1_000;
  return left > 0 ? formatDuration(left) : <span className="text-danger">expired</span>;
}

function Leases({ system }: { readonly system: SystemDetail }) {
  return (
    <Panel title="Leases" testId="leases">
      <Table
        label="Leases"
        columns={LEASE_COLUMNS}
        rows={system.leases}
        rowKey={(lease) => lease.name}
        empty={<EmptyState title="No leases held" />}
      />
    </Panel>
  );
}

function megabytes(bytes: string): string {
  return `${(Number(bytes) / 1_000_000).toFixed(1)} MB`;
}

function DatabasePanel({ system }: { readonly system: SystemDetail }) {
  const { database, outbox } = system;
  // The newest heartbeat comes first. Every worker uses the same engines; the watchdog reports none.
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
        <Fact label="Quote store" className="col-span-2">
          {engine('quoteStore')}
        </Fact>
      </dl>
    </Panel>
  );
}

const QUOTE_COLUMNS: readonly Column<SystemDetail['quotes'][number]>[] = [
  {
    id: 'symbol',
    header: 'Symbol',
    className: 'font-semibold',
    sort: (quote) => quote.symbol,
    cell: (quote) => quote.symbol,
  },
  { id: 'quote', header: 'Bid / ask', cell: (quote) => <QuoteLine symbol={quote.symbol} read={quote} /> },
  {
    id: 'received',
    header: 'Received',
    className: 'text-muted',
    sort: (quote) => quote.receivedAt,
    cell: (quote) => <Ago iso={quote.receivedAt} />,
  },
];

function Quotes({ system }: { readonly system: SystemDetail }) {
  return (
    <Panel title="Quotes">
      <Table
        label="Quotes"
        columns={QUOTE_COLUMNS}
        rows={system.quotes}
        rowKey={(quote) => quote.symbol}
        empty={<EmptyState title="No quotes yet" />}
      />
    </Panel>
  );
}
