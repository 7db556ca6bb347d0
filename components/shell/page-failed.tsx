'use client';

interface PageFailedProps {
  readonly error: Error & { readonly digest?: string };
}

/** Shown when the server failed to render a page. Halting by command line works without the console. */
export function PageFailed({ error }: PageFailedProps) {
  return (
    <main className="mx-auto max-w-2xl px-4 py-12" role="alert">
      <h1 className="text-20 font-semibold">This page failed to load</h1>
      <p className="my-3 text-muted">
        The server or its database does not respond. To halt trading now, run{' '}
        <code className="font-mono">npx countersign halt</code> on the server.
        {error.digest !== undefined && <> Error {error.digest} in the server log has the details.</>}
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
