'use client';

import type { MarketDetail } from '@/components/trpc/types';
import { cx } from '@/components/ui/cx';
import { Moment } from '@/components/ui/moment';
import { Panel } from '@/components/ui/panel';
import { EmptyState } from '@/components/ui/states';
import { FeatureFacts } from './feature-figures';

/** Features at the close of the newest bar, with policy's use of them. */
export function FeaturesPanel({ detail }: { readonly detail: MarketDetail }) {
  const { features } = detail;
  return (
    <Panel
      title="Features"
      testId="features-panel"
      aside={
        features !== null && (
          <span className="text-12 text-muted">
            at <Moment iso={features.at} /> ET
          </span>
        )
      }
    >
      <div className="grid gap-3 border-b border-border p-3 sm:grid-cols-2">
        <Meter label="Liquidity score" value={detail.liquidity} unknown="unknown: policy rejects new positions" />
        <Meter
          label="Correlation with the rest of the portfolio"
          value={detail.correlation}
          unknown="unknown: new positions need review"
        />
      </div>
      {features === null ? (
        <EmptyState title="No features yet">
          Features are computed at the close of a bar, once there are enough bars.
        </EmptyState>
      ) : (
        <FeatureFacts features={features} />
      )}
    </Panel>
  );
}

interface MeterProps {
  readonly label: string;
  /** −1 to 1; the length of the bar is its size. */
  readonly value: number | null;
  readonly unknown: string;
}

function Meter({ label, value, unknown }: MeterProps) {
  return (
    <div>
      <div className="flex items-baseline justify-between gap-2">
        <span className="text-12 text-muted">{label}</span>
        <span className={cx('num font-semibold', value === null && 'text-12 font-medium text-warn')}>
          {value === null ? unknown : value.toFixed(2)}
        </span>
      </div>
      <svg className="mt-1 block h-1.5 w-full rounded-sm bg-sunken" aria-hidden="true">
        <rect className="fill-primary" width={`${Math.min(1, Math.abs(value ?? 0)) * 100}%`} height="100%" />
      </svg>
    </div>
  );
}
