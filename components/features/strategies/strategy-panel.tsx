'use client';

import { useMemo, useState } from 'react';
import type { Display } from '@/components/status/tone';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import type { Strategy, StrategySetting } from '@/components/trpc/types';
import { Badge, StatusBadge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { Panel } from '@/components/ui/panel';

const RUNS: Record<'on' | 'off', Display> = {
  on: { label: 'on', glyph: '●', tone: 'pos', hint: 'Creates signals' },
  off: { label: 'off', glyph: '○', tone: 'neutral', hint: 'Creates no signals' },
};

const ORIGIN: Record<StrategySetting['origin'], string> = {
  SYMBOL: 'own',
  ALL: 'inherited',
  INITIAL: 'default',
};

interface StrategyPanelProps {
  readonly strategy: Strategy;
  /** Null where the role may not change it. */
  readonly onEdit: ((setting: StrategySetting, enabled: boolean) => void) | null;
}

/** One strategy with its setting for each symbol. */
export function StrategyPanel({ strategy, onEdit }: StrategyPanelProps) {
  const columns = useMemo(() => columnsOf({ strategy, onEdit }), [strategy, onEdit]);
  const [all, setAll] = useState(false);
  const on = strategy.settings.filter((setting) => setting.enabled).length;
  // Symbols that inherit the common setting are hidden at first.
  const following = strategy.settings.filter((setting) => setting.symbol !== '*' && setting.origin !== 'SYMBOL');
  const shown = all ? strategy.settings : strategy.settings.filter((setting) => !following.includes(setting));
  return (
    <Panel
      title={strategy.name}
      testId={`strategy-${strategy.name}`}
      aside={
        <span className="flex items-center gap-2 text-12 text-muted">
          version {strategy.version}
          {following.length > 0 && (
            <Button size="small" aria-expanded={all} onClick={() => setAll(!all)} data-testid={`all-${strategy.name}`}>
              {all ? 'Hide inheriting symbols' : `Show ${following.length} inheriting symbols`}
            </Button>
          )}
          <Badge tone={on > 0 ? 'pos' : 'neutral'}>{on > 0 ? 'on' : 'off'}</Badge>
        </span>
      }
    >
      <p className="border-b border-border px-3 py-2 text-muted">
        {strategy.description}
        {strategy.input === 'ticks' && ' It runs once, for all symbols.'}
      </p>
      <Table
        label={`Settings of ${strategy.name}`}
        columns={columns}
        rows={shown}
        rowKey={(setting) => setting.symbol}
        rowProps={(setting) => ({
          'data-testid': `setting-${strategy.name}-${setting.symbol}`,
          'data-enabled': setting.enabled,
        })}
      />
    </Panel>
  );
}

/** Parameters that differ from the defaults. */
function overridesText({ defaults }: Strategy, { params }: StrategySetting): string {
  const stated = Object.entries(params).filter(([name, value]) => String(value) !== String(defaults[name]));
  return stated.map(([name, value]) => `${name} ${String(value)}`).join(', ');
}

function columnsOf({ strategy, onEdit }: StrategyPanelProps): readonly Column<StrategySetting>[] {
  return [
    {
      id: 'symbol',
      header: 'Symbol',
      width: 176,
      className: 'font-medium',
      cell: ({ symbol }) => {
        if (symbol === '*') return strategy.input === 'ticks' ? 'all symbols' : 'all other symbols';
        return (
          <Link href={`/market?symbol=${symbol}`} className="hover:underline">
            {symbol}
          </Link>
        );
      },
    },
    {
      id: 'runs',
      header: 'Runs',
      width: 80,
      cell: ({ enabled }) => <StatusBadge display={RUNS[enabled ? 'on' : 'off']} />,
    },
    {
      id: 'origin',
      header: 'Setting',
      width: 120,
      className: 'text-muted',
      cell: ({ symbol, origin }) => (symbol === '*' && origin === 'ALL' ? ORIGIN.SYMBOL : ORIGIN[origin]),
    },
    {
      id: 'overrides',
      header: 'Overrides',
      width: 256,
      className: 'num',
      cell: (setting) => overridesText(strategy, setting),
      title: (setting) => overridesText(strategy, setting),
    },
    {
      id: 'changed',
      header: 'Changed',
      width: 256,
      className: 'text-12 text-muted',
      cell: (setting) =>
        setting.updated_at === null ? null : (
          <>
            <Moment iso={setting.updated_at} /> {setting.updated_by}
          </>
        ),
    },
    {
      id: 'actions',
      header: 'Actions',
      headerHidden: true,
      width: 184,
      align: 'right',
      cell: (setting) =>
        onEdit === null ? (
          <span />
        ) : (
          <span className="inline-flex gap-1.5">
            <Button size="small" onClick={() => onEdit(setting, !setting.enabled)}>
              {setting.enabled ? 'Switch off…' : 'Switch on…'}
            </Button>
            <Button size="small" onClick={() => onEdit(setting, setting.enabled)}>
              Edit…
            </Button>
          </span>
        ),
    },
  ];
}
