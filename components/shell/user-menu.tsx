'use client';

import { ROLE_LABEL, useSession } from './session';

export function UserMenu() {
  const session = useSession();
  return (
    <button
      type="button"
      popoverTarget="user-menu"
      data-testid="user-menu"
      aria-label={`${session.name}, ${ROLE_LABEL[session.role]}`}
      className="inline-flex h-8 items-center gap-1.5 rounded-sm px-1.5 hover:bg-sunken"
    >
      <span
        aria-hidden="true"
        className="inline-flex size-6 items-center justify-center rounded-full border border-border bg-sunken text-11 font-semibold uppercase"
      >
        {session.name.slice(0, 2)}
      </span>
      <span className="hidden text-left text-11 leading-[13px] min-[1400px]:block">
        <span className="block max-w-24 truncate font-medium">{session.name}</span>
        <span className="block text-muted">{ROLE_LABEL[session.role]}</span>
      </span>
    </button>
  );
}
