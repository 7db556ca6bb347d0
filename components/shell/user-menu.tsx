'use client';

import { useEffect, useState } from 'react';
import { Button } from '@/components/ui/button';
import { lazyDialog } from '@/components/ui/lazy-dialog';
import { Popover } from '@/components/ui/popover';
import { OwnSessions } from './own-sessions';
import { ROLE_LABEL, useSession } from './session';
import { signOut } from './sign-out';
import { currentTheme, setTheme, type Theme } from './theme';

const PasswordDialog = lazyDialog(async () => (await import('./password-dialog')).PasswordDialog);

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'System'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

function ThemeChoice() {
  const [theme, choose] = useState<Theme>('system');
  useEffect(() => choose(currentTheme()), []);
  return (
    <fieldset className="flex items-center gap-3">
      <legend className="float-left mr-3 text-12 text-muted">Theme</legend>
      {THEMES.map(([value, label]) => (
        <label key={value} className="flex items-center gap-1 text-12">
          <input
            type="radio"
            name="theme"
            checked={theme === value}
            onChange={() => {
              setTheme(value);
              choose(value);
            }}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

/** The user's initials; on a wide screen also the name and the role. */
function UserLabel() {
  const session = useSession();
  return (
    <>
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
    </>
  );
}

/** The signed-in user, the theme and sign-out. */
export function UserMenu() {
  const session = useSession();
  const [leaving, setLeaving] = useState(false);
  const [changing, setChanging] = useState(false);
  return (
    <Popover
      trigger={{
        'aria-label': `${session.name}, ${ROLE_LABEL[session.role]}`,
        'data-testid': 'user-menu',
        className: 'inline-flex h-8 items-center gap-1.5 rounded-sm px-1.5 hover:bg-sunken',
        children: <UserLabel />,
      }}
      label={session.name}
      className="w-72 p-3"
    >
      <p className="font-medium">{session.name}</p>
      <p className="truncate text-12 text-muted">
        {session.email} · {ROLE_LABEL[session.role]}
      </p>
      <div className="my-3 border-y border-border py-3">
        <ThemeChoice />
      </div>
      <div className="mb-3 border-b border-border pb-3">
        <OwnSessions />
      </div>
      <span className="mr-2">
        <Button size="small" onClick={() => setChanging(true)} data-testid="change-password">
          Change password…
        </Button>
      </span>
      <PasswordDialog open={changing} onClose={() => setChanging(false)} />
      <Button
        size="small"
        disabled={leaving}
        data-testid="sign-out"
        onClick={() => {
          setLeaving(true);
          void signOut();
        }}
      >
        Sign out
      </Button>
    </Popover>
  );
}
