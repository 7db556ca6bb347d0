'use client';

import { ErrorState } from '@/components/ui/states';

interface PageFailedProps {
  readonly error: Error & { readonly digest?: string };
}

/** The server could not make the page. Halting does not need it: the command line works without the console. */
export function PageFailed({ error }: PageFailedProps) {
  return (
    <main className="mx-auto max-w-2xl px-4 py-12">
      <h1 className="text-20 font-semibold">This page could not be made</h1>
      <p className="mt-2 text-muted">
        The server or its database does not answer. To stop trading meanwhile, run{' '}
        <code className="font-mono">npx countersign halt</code> on the server.
        {error.digest !== undefined && <> The log has it under {error.digest}.</>}
      </p>
      <div className="-mx-3 mt-3">
        <ErrorState message="It can be tried again at once." onRetry={() => window.location.reload()} />
      </div>
    </main>
  );
}
