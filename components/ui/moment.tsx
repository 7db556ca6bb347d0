'use client';

import { ageSeconds, describeMoment, formatDuration, formatMoment } from '@/components/format/time';
import { useNow } from '@/components/live/now';
import { cx } from './cx';

/** A market-zone time; ISO in the tooltip. */
export function Moment({ iso, className }: { readonly iso: string; readonly className?: string }) {
  const now = useNow();
  return (
    <time dateTime={iso} title={describeMoment(iso)} className={cx('num', className)}>
      {formatMoment(iso, now)}
    </time>
  );
}

interface AgoProps {
  readonly iso: string;
  readonly className?: string;
  /** Left out where the column says what the time is. */
  readonly suffix?: 'ago' | '';
}

/** How long ago, counting. */
export function Ago({ iso, className, suffix = 'ago' }: AgoProps) {
  const now = useNow();
  return (
    <time dateTime={iso} title={describeMoment(iso)} className={cx('num', className)}>
      {formatDuration(ageSeconds(iso, now))} {suffix}
    </time>
  );
}
