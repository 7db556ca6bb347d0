'use client';

import { useState } from 'react';
import { NONE } from '@/components/format/number';
import type { Display } from '@/components/status/tone';
import type { Strategy, StrategySetting } from '@/components/trpc/types';
import { Badge, StatusBadge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import { Panel } from '@/components/ui/panel';
import { ScrollBox } from '@/components/ui/scroll-box';

const RUNS: Record<'on' | 'off', Display> = {
  on: { label: 'on', glyph: '●', tone: 'pos', hint: 'It proposes trades' },
  off: { label: 'off', glyph: '○', tone: 'neutral', hint: 'It proposes nothing' },
};

const ORIGIN: Record<StrategySetting['origin'], string> = {
  SYMBOL: 'own',
  ALL: 'as every other',
  INITIAL: 'as started',
};

interface StrategyPanelProps {
  readonly strategy: Strategy;
  /** Null where the role may not change it. */
  readonly onEdit: ((setting: StrategySetting, enabled: boolean) => void) | null;
}

/** One strategy with what it does on each symbol. */
export function StrategyPanel({ strategy, onEdit }: StrategyPanelProps) {
  const [all, setAll] = useState(false);
  const on = strategy.settings.filter((setting) => setting.enabled).length;
  // A symbol that follows the others says nothing new.
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
              {all ? 'Hide those that follow' : `Show ${following.length} that follow`}
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
      <ScrollBox label={`Settings of ${strategy.name}`}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col" className="w-48">
                Symbol
              </th>
              <th scope="col" className="w-24">
                Runs
              </th>
              <th scope="col" className="w-32">
                Setting
              </th>
              <th scope="col">Beside the defaults</th>
              <th scope="col" className="w-64">
                Changed
              </th>
              <th scope="col">
                <span className="sr-only">Act</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((setting) => (
              <SettingLine key={setting.symbol} strategy={strategy} setting={setting} onEdit={onEdit} />
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </Panel>
  );
}

/** Parameters that are not the defaults. */
function statedText({ defaults }: Strategy, { params }: StrategySetting): string {
  const stated = Object.entries(params).filter(([name, value]) => String(value) !== String(defaults[name]));
  return stated.map(([name, value]) => `${name} ${String(value)}`).join(', ');
}

interface SettingLineProps extends StrategyPanelProps {
  readonly setting: StrategySetting;
}

function SettingLine({ strategy, setting, onEdit }: SettingLineProps) {
  const all = setting.symbol === '*';
  const stated = statedText(strategy, setting);
  return (
    <tr data-testid={`setting-${strategy.name}-${setting.symbol}`} data-enabled={setting.enabled}>
      <td className="font-medium">
        {all ? (
          strategy.input === 'ticks' ? (
            'all symbols'
          ) : (
            'every other symbol'
          )
        ) : (
          <Link href={`/market?symbol=${setting.symbol}`} className="hover:underline">
            {setting.symbol}
          </Link>
        )}
      </td>
      <td>
        <StatusBadge display={RUNS[setting.enabled ? 'on' : 'off']} />
      </td>
      <td className="text-muted">{all && setting.origin === 'ALL' ? ORIGIN.SYMBOL : ORIGIN[setting.origin]}</td>
      <td className="num max-w-72 truncate" title={stated}>
        {stated === '' ? <span className="text-muted">{NONE}</span> : stated}
      </td>
      <td className="text-12 text-muted">
        {setting.updated_at === null ? (
          NONE
        ) : (
          <>
            <Moment iso={setting.updated_at} /> {setting.updated_by}
          </>
        )}
      </td>
      <td className="right">
        {onEdit !== null && (
          <span className="inline-flex gap-1.5">
            <Button size="small" onClick={() => onEdit(setting, !setting.enabled)}>
              {setting.enabled ? 'Switch off…' : 'Switch on…'}
            </Button>
            <Button size="small" onClick={() => onEdit(setting, setting.enabled)}>
              Edit…
            </Button>
          </span>
        )}
      </td>
    </tr>
  );
}
