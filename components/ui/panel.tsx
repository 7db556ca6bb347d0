import type { ReactNode } from 'react';
import { cx } from './cx';

interface PanelProps {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly testId?: string;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A titled box: border, no shadow. */
export function Panel({ title, aside, testId, className, children }: PanelProps) {
  return (
    <section
      aria-label={title}
      data-testid={testId}
      className={cx('min-w-0 rounded-md border border-border bg-surface', className)}
    >
      <header className="flex min-h-10 flex-wrap items-center justify-between gap-x-3 gap-y-1 border-b border-border px-3 py-1">
        <h2 className="text-13 font-semibold">{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

export function PageHeader({ title, aside }: { readonly title: ReactNode; readonly aside?: ReactNode }) {
  return (
    <div className="mb-3 flex min-h-8 flex-wrap items-center justify-between gap-2">
      <h1 className="flex items-center gap-2 text-20 font-semibold">{title}</h1>
      {aside}
    </div>
  );
}

/** A label and its figure, in a definition list. */
export function Fact({
  label,
  children,
  className,
}: {
  readonly label: string;
  readonly children: ReactNode;
  readonly className?: string;
}) {
  return (
    <div className={cx('min-w-0', className)}>
      <dt className="text-12 text-muted">{label}</dt>
      <dd className="num truncate" title={typeof children === 'string' ? children : undefined}>
        {children}
      </dd>
    </div>
  );
}
