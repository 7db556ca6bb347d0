'use client';

import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { DecisionTable } from '@/components/features/decision-table';
import { formatQty, NONE } from '@/components/format/number';
import { DECISION } from '@/components/status/decisions';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { ExportLink, NewRows, Toolbar } from '@/components/table/toolbar';
import { OLDER_PAGE, useRowFeed } from '@/components/table/use-row-feed';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { ActivePolicy, DecisionList, DecisionRow } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';
import { SelectField } from '@/components/ui/field';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { Fact, PageHeader, Panel } from '@/components/ui/panel';
import { EmptyState, ErrorState } from '@/components/ui/states';
import { RULES, SETTINGS } from './rules';
import { thresholdText } from './threshold';

type Filter = 'ALL' | DecisionRow['decision'];
const FILTERS: Record<Filter, string> = { ALL: 'All', APPROVE: 'Allow', REVIEW: 'Review', REJECT: 'Reject' };

interface PolicyPageProps {
  readonly initial: ActivePolicy;
  readonly decisions: DecisionList;
}

/** The active policy's rules, and its decision on each signal. */
export function PolicyPage({ initial, decisions }: PolicyPageProps) {
  const trpc = useTRPC();
  const query = useQuery(trpc.policy.active.queryOptions(undefined, { initialData: initial }));
  const policy = query.data;
  return (
    <>
      <PageHeader
        title="Policy"
        aside={<span className="text-12 text-muted">Read-only. Versions are immutable.</span>}
      />
      {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
      <div className="flex flex-col gap-3">
        <Panel title={`Version ${policy.version}, active`} testId="active-policy">
          <dl className="grid grid-cols-2 gap-x-4 gap-y-2 border-b border-border p-3 sm:grid-cols-4">
            <Fact label="Stage">{policy.stage}</Fact>
            <Fact label="Since">
              <Moment iso={policy.createdAt} /> ET
            </Fact>
            <Fact label="By">{policy.createdBy}</Fact>
            <Fact label="Comment">{policy.comment === '' ? NONE : policy.comment}</Fact>
            {SETTINGS.map((setting) => (
              <Fact key={setting.field} label={setting.label}>
                {thresholdText(policy.body, setting.field, setting.unit)}
              </Fact>
            ))}
          </dl>
          <RulesTable policy={policy} />
        </Panel>
        <Decisions initial={decisions} />
      </div>
    </>
  );
}

type Rule = (typeof RULES)[number];

function rulesColumns(policy: ActivePolicy): readonly Column<Rule>[] {
  const hits = new Map(policy.hits.map((hit) => [hit.code, hit.count]));
  const thresholdOf = (rule: Rule) => thresholdText(policy.body, rule.field, rule.unit);
  return [
    {
      id: 'rule',
      header: 'Rule',
      width: 232,
      className: 'font-mono text-12',
      sort: (rule) => rule.code,
      cell: (rule) =>
        rule.code === 'EVENT_BLACKOUT' ? (
          <Link href="/market/events" className="text-primary underline">
            {rule.code}
          </Link>
        ) : (
          rule.code
        ),
    },
    {
      id: 'result',
      header: 'Result',
      width: 88,
      cell: (rule) => <Badge tone={DECISION[rule.tier].tone}>{DECISION[rule.tier].label}</Badge>,
    },
    { id: 'when', header: 'When', width: 360, cell: (rule) => rule.when, title: (rule) => rule.when },
    {
      id: 'threshold',
      header: 'Threshold',
      width: 200,
      className: 'num font-medium',
      cell: thresholdOf,
      title: thresholdOf,
    },
    {
      id: 'hits',
      header: 'Hits, 24 h',
      width: 96,
      figure: true,
      sort: (rule) => hits.get(rule.code) ?? 0,
      cell: (rule) =>
        hits.has(rule.code) ? formatQty(String(hits.get(rule.code))) : <span className="text-muted">0</span>,
    },
  ];
}

function RulesTable({ policy }: { readonly policy: ActivePolicy }) {
  const columns = useMemo(() => rulesColumns(policy), [policy]);
  return (
    <Table
      label="Rules"
      columns={columns}
      rows={RULES}
      rowKey={(rule) => rule.code}
      maxHeight="max-h-[480px]"
      testId="rules-table"
    />
  );
}

function Decisions({ initial }: { readonly initial: DecisionList }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [filter, setFilter] = useState<Filter>('ALL');
  const view = { decision: filter === 'ALL' ? null : filter };
  const query = useQuery(
    trpc.policy.decisions.queryOptions(view, {
      placeholderData: keepPreviousData,
      ...(filter === 'ALL' ? { initialData: initial } : {}),
    }),
  );
  const feed = useRowFeed({
    name: 'decisions',
    view,
    query,
    rowKey: keyOf,
    loadPage: (cursor) => client.fetchQuery(trpc.policy.decisions.queryOptions({ ...view, cursor }, OLDER_PAGE)),
  });
  return (
    <Panel
      title="Decisions"
      aside={
        <Toolbar>
          <NewRows count={feed.unseen} onShow={feed.showNewest} />
          <SelectField label="Show" value={filter} options={FILTERS} onChange={setFilter} />
          <ExportLink list="decisions" filter={view} />
        </Toolbar>
      }
    >
      <DecisionTable
        rows={feed.rows}
        feed={feed.table}
        error={feed.error}
        onRetry={feed.retry}
        empty={<EmptyState title="No such decision yet" />}
      />
    </Panel>
  );
}

const keyOf = ({ id }: DecisionRow) => id;
