'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { DecisionTable } from '@/components/features/decision-table';
import { formatQty, NONE } from '@/components/format/number';
import { DECISION } from '@/components/status/decisions';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { ActivePolicy, DecisionRow } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';
import { SelectField } from '@/components/ui/field';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { Fact, PageHeader, Panel } from '@/components/ui/panel';
import { ScrollBox } from '@/components/ui/scroll-box';
import { EmptyState, ErrorState } from '@/components/ui/states';
import { RULES, SETTINGS } from './rules';
import { thresholdText } from './threshold';

type Filter = 'ALL' | DecisionRow['decision'];
const FILTERS: Record<Filter, string> = { ALL: 'All', APPROVE: 'Approve', REVIEW: 'Review', REJECT: 'Reject' };
export const DECISIONS_SHOWN = 100;

interface PolicyPageProps {
  readonly initial: ActivePolicy;
  readonly decisions: DecisionRow[];
}

/** What policy demands, and what it made of each candidate. */
export function PolicyPage({ initial, decisions }: PolicyPageProps) {
  const trpc = useTRPC();
  const query = useQuery(trpc.policy.active.queryOptions(undefined, { initialData: initial }));
  const policy = query.data;
  return (
    <>
      <PageHeader
        title="Policy"
        aside={<span className="text-12 text-muted">Versions are immutable; this page only shows.</span>}
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

function RulesTable({ policy }: { readonly policy: ActivePolicy }) {
  const hits = new Map(policy.hits.map((hit) => [hit.code, hit.count]));
  return (
    <ScrollBox label="Rules" className="max-h-[480px]">
      <table className="table" data-testid="rules-table">
        <thead>
          <tr>
            <th scope="col">Rule</th>
            <th scope="col">Gives</th>
            <th scope="col">When</th>
            <th scope="col">Threshold</th>
            <th scope="col" className="right">
              Hits, 24 h
            </th>
          </tr>
        </thead>
        <tbody>
          {RULES.map((rule) => (
            <tr key={rule.code}>
              <td className="font-mono text-12">
                {rule.code === 'EVENT_BLACKOUT' ? (
                  <Link href="/market/events" className="text-primary underline">
                    {rule.code}
                  </Link>
                ) : (
                  rule.code
                )}
              </td>
              <td>
                <Badge tone={DECISION[rule.tier].tone}>{DECISION[rule.tier].label}</Badge>
              </td>
              <td>{rule.when}</td>
              <td className="num max-w-96 truncate font-medium">{thresholdText(policy.body, rule.field, rule.unit)}</td>
              <td className="num right">
                {hits.has(rule.code) ? formatQty(String(hits.get(rule.code))) : <span className="text-muted">0</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
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
      {rows.length === 0 ? <EmptyState title="No such decision yet" /> : <DecisionTable rows={rows} />}
    </Panel>
  );
}
