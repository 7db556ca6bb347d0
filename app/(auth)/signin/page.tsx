import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { SignInForm } from '@/components/features/auth/sign-in-form';
import { sessionCookie } from '@/server/auth/session';
import { getConsole } from '@/server/composition/console';

export const metadata: Metadata = { title: 'Sign in' };
export const dynamic = 'force-dynamic';

export default async function Page() {
  const cookie = sessionCookie((await headers()).get('cookie'));
  if ((await getConsole().sessions.read(cookie)) !== null) redirect('/');
  return (
    <main className="flex min-h-dvh items-center justify-center px-4">
      <div className="w-full max-w-[360px] rounded-md border border-border bg-surface p-6">
        <h1 className="text-20 font-semibold">Countersign</h1>
        <p className="mt-1 mb-5 text-muted">Sign in to the operator console.</p>
        <SignInForm next="/" />
        <p className="mt-4 border-t border-border pt-3 text-12 text-muted">
          The first user's password is printed once at the first start. Forgotten:{' '}
          <code className="font-mono">npx countersign user passwd</code>
        </p>
      </div>
    </main>
  );
}
