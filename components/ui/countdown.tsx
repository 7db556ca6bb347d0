'use client';

import { formatCountdown } from '@/components/format/time';
import { useNow } from '@/components/live/now';
import { cx } from './cx';

const URGENT_SECONDS = 60;

/** Time left; in words once it is over. */
export function Countdown({ until, className }: { readonly until: string; readonly className?: string }) {
  const left = (Date.parse(until) - useNow()) / 1_000;
  const urgent = left <= URGENT_SECONDS;
  return (
    <span
      className={cx('num whitespace-nowrap', urgent && 'font-semibold text-danger', className)}
      data-testid="countdown"
    >
      {left > 0 ? formatCountdown(left) : 'expired'}
    </span>
  );
}
