'use client';

import { useEffect, useState } from 'react';
import { Button } from '@/components/ui/button';
import { ROLE_LABEL, useSession } from './session';
import { signOut } from './sign-out';
import { currentTheme, setTheme, type Theme } from './theme';

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

/** Who is signed in, how it looks, and the way out. */
export function UserPanel() {
  const session = useSession();
  const [leaving, setLeaving] = useState(false);
  return (
    <div
      id="user-menu"
      popover="auto"
      className="fixed inset-auto top-12 right-3 m-0 w-72 max-w-[calc(100vw-24px)] rounded-md border border-border bg-surface p-3 text-text"
    >
      <p className="font-medium">{session.name}</p>
      <p className="truncate text-12 text-muted">
        {session.email} · {ROLE_LABEL[session.role]}
      </p>
      <div className="my-3 border-y border-border py-3">
        <ThemeChoice />
      </div>
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
    </div>
  );
}
