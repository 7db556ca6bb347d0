'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useMayOperate } from '@/components/shell/session';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { CsvButton, RowCount, Toolbar } from '@/components/table/toolbar';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { BotList, BotRow } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { lazyDialog } from '@/components/ui/lazy-dialog';
import { Link } from '@/components/ui/link';
import { Ago } from '@/components/ui/moment';
import { PageHeader, Panel } from '@/components/ui/panel';
import { EmptyState, NoPermission } from '@/components/ui/states';
import { describeSettings } from './describe-settings';

const StopBotDialog = lazyDialog(async () => (await import('./stop-bot-dialog')).StopBotDialog);

/** Orders come and go; the list of bots has no events of its own. */
const REFRESH_MS = 5_000;

const STATES: Readonly<Record<BotRow['state'], string>> = {
  ACTIVE: 'active',
  EXPIRED: 'expired',
  STOPPED: 'stopped',
  DISABLED: 'user disabled',
};

const ordersOf = ({ strategy }: BotRow): string => `/orders?strategy=${encodeURIComponent(strategy)}`;

function columnsFor(onStop: ((bot: BotRow) => void) | null): readonly Column<BotRow>[] {
  return [
    {
      id: 'name',
      header: 'Bot',
      width: 128,
      phoneWidth: 104,
      cell: (bot) => (
        <>
          <span className="block truncate font-medium">{bot.name}</span>
          <code className="block text-12 text-muted">{bot.keyId}</code>
        </>
      ),
      title: (bot) => bot.user,
      csv: { id: (bot) => bot.id, name: (bot) => bot.name, key_id: (bot) => bot.keyId, user: (bot) => bot.user },
    },
    {
      id: 'state',
      header: 'State',
      width: 80,
      cell: ({ state }) => <Badge tone={state === 'ACTIVE' ? 'pos' : 'neutral'}>{STATES[state]}</Badge>,
      csv: { state: (bot) => bot.state },
    },
    {
      id: 'settings',
      header: 'Settings',
      width: 200,
      hideOnPhone: true,
      wrap: true,
      cell: ({ settings }) => describeSettings(settings).join(' · '),
      csv: { settings: ({ settings }) => describeSettings(settings).join('; ') },
    },
    {
      id: 'orders',
      header: 'Orders',
      width: 64,
      figure: true,
      cell: (bot) => (
        <Link href={ordersOf(bot)} className="text-primary underline">
          {bot.orders}
        </Link>
      ),
      csv: { orders: (bot) => bot.orders },
    },
    {
      id: 'open',
      header: 'Open',
      width: 52,
      figure: true,
      hideOnPhone: true,
      cell: (bot) => bot.open,
      csv: { open: (bot) => bot.open },
    },
    {
      id: 'waiting',
      header: 'Waiting',
      width: 68,
      figure: true,
      hideOnPhone: true,
      cell: (bot) =>
        bot.waiting === 0 ? (
          0
        ) : (
          <Link href="/approvals" className="text-primary underline">
            {bot.waiting}
          </Link>
        ),
      csv: { waiting: (bot) => bot.waiting },
    },
    {
      id: 'rejected',
      header: 'Rejected',
      width: 76,
      figure: true,
      hideOnPhone: true,
      cell: (bot) => bot.rejected,
      csv: { rejected: (bot) => bot.rejected },
    },
    {
      id: 'used',
      header: 'Last used',
      width: 96,
      hideOnPhone: true,
      cell: (bot) => (bot.lastUsedAt === null ? 'never' : <Ago iso={bot.lastUsedAt} />),
      csv: { last_used_at: (bot) => bot.lastUsedAt },
    },
    {
      id: 'stop',
      header: 'Stop',
      headerHidden: true,
      width: 72,
      cell: (bot) =>
        onStop !== null && (bot.state === 'ACTIVE' || bot.open + bot.waiting > 0) ? (
          <Button size="small" variant="danger" onClick={() => onStop(bot)} data-testid={`stop-${bot.name}`}>
            Stop
          </Button>
        ) : null,
    },
  ];
}

/** Tokens as bots: what they may, what they did, and how to stop one. */
export function BotsPage({ initial }: { readonly initial: BotList }) {
  const trpc = useTRPC();
  const mayOperate = useMayOperate();
  const query = useQuery(trpc.bots.list.queryOptions(undefined, { initialData: initial, refetchInterval: REFRESH_MS }));
  const [stopping, setStopping] = useState<BotRow | null>(null);
  const { bots } = query.data;
  const columns = columnsFor(mayOperate ? setStopping : null);
  return (
    <>
      <PageHeader title="Bots" aside={!mayOperate && <NoPermission act="Stopping bots" needed="operator" />} />
      <p className="mb-3 max-w-[76ch] text-muted">
        A bot that speaks Alpaca’s protocol is guarded by changing its addresses to the gateway’s and its keys to a
        token of Countersign. Every order passes the gate; what needs review waits under Approvals.
      </p>
      <Panel
        title="Bots"
        testId="bots"
        aside={
          <Toolbar>
            <RowCount shown={bots.length} />
            <CsvButton name="bots" columns={columns} load={() => Promise.resolve(bots)} disabled={bots.length === 0} />
          </Toolbar>
        }
      >
        <Table
          label="Bots"
          columns={columns}
          rows={bots}
          rowKey={(bot) => bot.id}
          rowProps={() => ({ 'data-testid': 'bot-row' })}
          error={query.isError ? messageOf(query.error) : null}
          onRetry={() => void query.refetch()}
          maxHeight="max-h-[calc(100dvh-240px)]"
          testId="bots-table"
          empty={
            <EmptyState title="No bots yet">
              Create one with: npx countersign token create --user EMAIL --name momentum --scopes all
            </EmptyState>
          }
        />
      </Panel>
      {stopping !== null && <StopBotDialog bot={stopping} onClose={() => setStopping(null)} />}
    </>
  );
}
