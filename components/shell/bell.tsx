'use client';

import { useUnseen } from './unseen';
import { useStatus } from './use-status';

function BellIcon() {
  return (
    <svg
      aria-hidden="true"
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinejoin="round"
    >
      <path d="M8 2a4 4 0 0 0-4 4v3l-1.4 2.2h10.8L12 9V6a4 4 0 0 0-4-4ZM6.5 13.5a1.6 1.6 0 0 0 3 0" />
    </svg>
  );
}

/** How many alerts are new; the list itself is below, in the page's second part. */
export function Bell() {
  const unseen = useUnseen();
  const { open } = useStatus().status.alerts;
  const parts = [open > 0 && `${open} open`, unseen > 0 && `${unseen} new`].filter(Boolean);
  return (
    <button
      type="button"
      popoverTarget="bell"
      aria-label={['Alerts', ...parts].join(', ')}
      data-testid="bell"
      className="relative inline-flex size-8 items-center justify-center rounded-sm text-muted hover:bg-sunken hover:text-text"
    >
      <BellIcon />
      {unseen === 0 && open > 0 && (
        <span aria-hidden="true" className="absolute top-1 right-1 size-2 rounded-full bg-danger" />
      )}
      {unseen > 0 && (
        <span
          aria-hidden="true"
          className="num absolute -top-0.5 -right-0.5 min-w-4 rounded-full bg-kill px-1 text-center text-11 font-semibold text-white"
        >
          {unseen}
        </span>
      )}
    </button>
  );
}
