'use client';

import { type FormEvent, useState } from 'react';
import { Button } from '@/components/ui/button';
import { TextField } from '@/components/ui/field';

const WRONG = 'Wrong e-mail or password. After too many attempts, wait 15 minutes and try again.';
const UNREACHABLE = 'The server does not respond. Check that it is running, then try again.';

async function csrfToken(): Promise<string> {
  const answer: unknown = await (await fetch('/api/auth/csrf')).json();
  return typeof answer === 'object' && answer !== null && 'csrfToken' in answer ? String(answer.csrfToken) : '';
}

/** True when the server accepted the password; the session is a cookie that scripts cannot read. */
async function signIn(email: string, password: string): Promise<boolean> {
  const body = new URLSearchParams({ csrfToken: await csrfToken(), email, password, json: 'true' });
  return (await fetch('/api/auth/callback/credentials', { method: 'POST', body })).ok;
}

export function SignInForm({ next }: { readonly next: string }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      if (await signIn(String(form.get('email')), String(form.get('password')))) {
        window.location.assign(next);
        return;
      }
      setProblem(WRONG);
    } catch {
      setProblem(UNREACHABLE);
    }
    setBusy(false);
  };
  return (
    <form method="post" onSubmit={(event) => void submit(event)} className="flex flex-col gap-3" aria-label="Sign in">
      <TextField
        label="E-mail"
        name="email"
        type="email"
        autoComplete="username"
        required
        autoFocus
        data-testid="sign-in-email"
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        data-testid="sign-in-password"
      />
      <div aria-live="assertive" className="min-h-10 text-12 text-danger" data-testid="sign-in-problem">
        {problem}
      </div>
      <Button type="submit" variant="primary" size="large" disabled={busy} data-testid="sign-in-submit">
        {busy ? 'Signing in…' : 'Sign in'}
      </Button>
    </form>
  );
}
