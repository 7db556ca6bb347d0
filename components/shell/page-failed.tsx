'use client';

interface PageFailedProps {
  readonly error: Error & { readonly digest?: string };
}

/** The server could not make the page. Halting does not need it: the command line works without the console. */
export function PageFailed({ error }: PageFailedProps) {
  return (
    <main className="mx-auto max-w-2xl px-4 py-12" role="alert">
      <h1 className="text-20 font-semibold">This page could not be made</h1>
      <p className="my-3 text-muted">
        The server or its database does not answer. To stop trading meanwhile, run{' '}
        <code className="font-mono">npx countersign halt</code> on the server.
        {error.digest !== undefined && <> The log has it under {error.digest}.</>}
      </p>
      <button
        type="button"
        className="h-8 rounded-sm border border-control bg-surface px-3 font-medium"
        onClick={() => window.location.reload()}
      >
        Try again
      </button>
    </main>
  );
}
