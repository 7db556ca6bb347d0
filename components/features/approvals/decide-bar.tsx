'use client';

import { useMayOperate } from '@/components/shell/session';
import { Button } from '@/components/ui/button';
import { NoPermission } from '@/components/ui/states';

interface DecideBarProps {
  readonly open: boolean;
  readonly ready: boolean;
  readonly onApprove?: () => void;
  readonly onReject?: () => void;
}

/** The two decisions. On a narrow screen they stay in reach of the thumb. */
export function DecideBar({ open, ready, onApprove, onReject }: DecideBarProps) {
  const may = useMayOperate();
  if (!open) return null;
  return (
    <div className="sticky bottom-0 z-10 flex flex-wrap items-center gap-2 border-y border-border bg-surface px-3 py-2 lg:static">
      <Button
        variant="primary"
        size="large"
        disabled={!ready}
        onClick={onApprove}
        data-testid="approve"
        className="flex-1 sm:flex-none"
      >
        Approve…
      </Button>
      <Button
        variant="danger"
        size="large"
        disabled={!ready}
        onClick={onReject}
        data-testid="reject"
        className="flex-1 sm:flex-none"
      >
        Reject…
      </Button>
      {may ? (
        <span className="hidden text-12 text-muted lg:inline">Keys: a, r</span>
      ) : (
        <NoPermission act="Deciding" needed="operator" />
      )}
    </div>
  );
}
