'use client';

/** Ends the session and goes to the sign-in page. */
export async function signOut(): Promise<void> {
  try {
    const csrf: unknown = await (await fetch('/api/auth/csrf')).json();
    const token = typeof csrf === 'object' && csrf !== null && 'csrfToken' in csrf ? String(csrf.csrfToken) : '';
    await fetch('/api/auth/signout', { method: 'POST', body: new URLSearchParams({ csrfToken: token, json: 'true' }) });
  } finally {
    // A full load, so that nothing of the session stays in memory.
    window.location.assign('/signin');
  }
}
