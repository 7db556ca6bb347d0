import type { ReactNode } from 'react';
import { Button } from './button';

/** An empty list, with what would fill it. */
export function EmptyState({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="px-4 py-8 text-center" data-testid="empty-state">
      <p className="font-medium">{title}</p>
      {children !== undefined && <p className="mx-auto mt-1 max-w-[52ch] text-muted">{children}</p>}
    </div>
  );
}

/** What failed and what to do. Data loaded before stays visible. */
export function ErrorState({ message, onRetry }: { readonly message: string; readonly onRetry?: () => void }) {
  return (
    <div
      role="alert"
      className="m-3 flex flex-wrap items-center justify-between gap-2 rounded-sm border border-danger bg-danger-bg px-3 py-2 text-danger"
    >
      <span>{message}</span>
      {onRetry !== undefined && (
        <Button size="small" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Explains which role an action needs. */
export function NoPermission({ act, needed }: { readonly act: string; readonly needed: string }) {
  return (
    <p className="text-12 text-muted" data-testid="no-permission">
      {act} needs the role {needed}. Ask an administrator.
    </p>
  );
}

/** Placeholders of the list's size, so that nothing moves when it arrives. */
export function LoadingRows({ rows = 6 }: { readonly rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-2 p-3">
      {Array.from({ length: rows }, (_, index) => `row-${index}`).map((key) => (
        <div key={key} className="skeleton h-4" />
      ))}
    </div>
  );
}
