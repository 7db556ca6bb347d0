'use client';

import { formatTime } from '@/components/format/time';
import type { TradingStateView } from '@/components/trpc/types';
import { cx } from '@/components/ui/cx';

interface Step {
  readonly label: string;
  readonly at: string | null;
  readonly waiting: string;
}

function stepsOf(halt: NonNullable<TradingStateView['halt']>): readonly Step[] {
  return [
    { label: 'Requested', at: halt.requestedAt, waiting: '' },
    { label: 'Acknowledged', at: halt.acknowledgedAt, waiting: 'waiting for sends under way' },
    { label: 'Verified', at: halt.verifiedAt, waiting: 'cancelling and checking at the broker' },
  ];
}

const COUNTERS: Readonly<Record<string, string>> = {
  working: 'working',
  cancelled: 'cancelled',
  filled: 'filled',
  uncertain: 'uncertain',
};

/** The worker's counts, as far as it has given any. */
function countsOf(progress: Readonly<Record<string, unknown>>): string {
  return Object.entries(COUNTERS)
    .flatMap(([key, label]) => (typeof progress[key] === 'number' ? [`${progress[key]} ${label}`] : []))
    .join(' · ');
}

function elapsed(from: string, to: string): string {
  const ms = Date.parse(to) - Date.parse(from);
  return ms < 1_000 ? `+${ms} ms` : `+${(ms / 1_000).toFixed(1)} s`;
}

/** Requested → acknowledged → verified, with times. Until verified it is halting, not halted. */
export function HaltProgress({ halt }: { readonly halt: NonNullable<TradingStateView['halt']> }) {
  const counts = countsOf(halt.progress);
  const lastError = halt.progress['lastError'];
  return (
    <div data-testid="halt-progress" aria-live="polite">
      <ol className="flex flex-col gap-1">
        {stepsOf(halt).map((step) => (
          <li key={step.label} className="grid grid-cols-[16px_104px_1fr] items-baseline gap-1">
            <span aria-hidden="true" className={cx(step.at === null ? 'text-muted' : 'text-pos')}>
              {step.at === null ? '○' : '●'}
            </span>
            <span className="font-medium">{step.label}</span>
            {step.at === null ? (
              <span className="text-muted">{step.waiting}</span>
            ) : (
              <span className="num">
                {formatTime(step.at)} ET{' '}
                <span className="text-muted">
                  {step.at === halt.requestedAt ? '' : elapsed(halt.requestedAt, step.at)}
                </span>
              </span>
            )}
          </li>
        ))}
      </ol>
      {counts !== '' && <p className="num mt-1 pl-5 text-12 text-muted">{counts}</p>}
      {typeof lastError === 'string' && lastError !== '' && (
        <p className="mt-1 pl-5 text-12 text-danger">{lastError}</p>
      )}
    </div>
  );
}
