'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { DecisionTable } from '@/components/features/decision-table';
import { formatQty, NONE } from '@/components/format/number';
import { DECISION } from '@/components/status/decisions';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { ActivePolicy, DecisionRow } from '@/components/trpc/types';
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
export const DECISIONS_SHOWN = 100;

interface PolicyPageProps {
  readonly initial: ActivePolicy;
  readonly decisions: DecisionRow[];
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

function Decisions({ initial }: { readonly initial: DecisionRow[] }) {
  const trpc = useTRPC();
  const [filter, setFilter] = useState<Filter>('ALL');
  const input = { decision: filter === 'ALL' ? null : filter, limit: DECISIONS_SHOWN };
  const query = useQuery(
    trpc.policy.decisions.queryOptions(input, {
      placeholderData: keepPreviousData,
      ...(filter === 'ALL' ? { initialData: initial } : {}),
    }),
  );
  const rows = query.data ?? [];
  return (
    <Panel title="Decisions" aside={<SelectField label="Show" value={filter} options={FILTERS} onChange={setFilter} />}>
      {query.isError && <ErrorState message={messageOf(query.error)} onRetry={() => void query.refetch()} />}
      <DecisionTable rows={rows} empty={<EmptyState title="No such decision yet" />} />
    </Panel>
  );
}
