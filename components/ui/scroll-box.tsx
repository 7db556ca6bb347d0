import type { ReactNode } from 'react';
import { cx } from './cx';

interface ScrollBoxProps {
  readonly label: string;
  /** What is in it, for whoever hears it. */
  readonly kind?: string;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A box whose content may be wider or longer than itself; it can be reached and scrolled by keyboard. */
export function ScrollBox({ label, kind = 'table', className, children }: ScrollBoxProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={cx('relative overflow-auto', className)} tabIndex={0} aria-label={`${label}, ${kind}`}>
      {children}
    </section>
  );
}
