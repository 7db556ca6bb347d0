import type { ReactNode } from 'react';
import type { Display, Tone } from '@/components/status/tone';
import type { Side } from '@/server/kernel/vocabulary';
import { cx } from './cx';

const TONES: Record<Tone, string> = {
  neutral: 'border-border bg-sunken text-text',
  primary: 'border-transparent bg-primary-bg text-primary',
  pos: 'border-transparent bg-pos-bg text-pos',
  warn: 'border-transparent bg-warn-bg text-warn',
  danger: 'border-transparent bg-danger-bg text-danger',
};

interface BadgeProps {
  readonly tone?: Tone;
  readonly title?: string;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Badge({ tone = 'neutral', title, className, children }: BadgeProps) {
  return (
    <span
      title={title}
      className={cx(
        'inline-flex h-5 items-center gap-1 rounded-sm border px-1.5 text-12 font-medium whitespace-nowrap',
        TONES[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}

/** A status: glyph, words and colour. */
export function StatusBadge({ display }: { readonly display: Display }) {
  return (
    <Badge tone={display.tone} title={display.hint}>
      <span aria-hidden="true">{display.glyph}</span>
      {display.label}
    </Badge>
  );
}

/** BUY and SELL say which way, not whether it is good: neutral, always. */
export function SideBadge({ side }: { readonly side: Side }) {
  return <Badge className="w-10 justify-center font-semibold">{side}</Badge>;
}
