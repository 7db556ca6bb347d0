import type { ReactNode, Ref } from 'react';
import { cx } from './cx';

interface ScrollBoxProps {
  readonly label: string;
  /** What the box holds, for screen readers. */
  readonly kind?: string;
  readonly className?: string;
  readonly ref?: Ref<HTMLElement>;
  readonly children: ReactNode;
}

/** A box whose content may exceed it. It takes the focus, so that a keyboard can scroll it. */
export function ScrollBox({ label, kind = 'table', className, ref, children }: ScrollBoxProps) {
  return (
    <section
      ref={ref}
      className={cx('relative overflow-auto', className)}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: WCAG 2.1.1 asks that a keyboard can scroll the box
      tabIndex={0}
      aria-label={`${label}, ${kind}`}
    >
      {children}
    </section>
  );
}
