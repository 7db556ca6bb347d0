import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { vi } from 'vitest';
import { NowProvider } from '@/components/live/now';
import { SessionProvider } from '@/components/shell/session';
import { ShellDataProvider } from '@/components/shell/use-status';
import { ApiProvider } from '@/components/trpc/client';
import type { RouterOutputs, Status } from '@/components/trpc/types';
import type { Role } from '@/server/kernel/vocabulary';

// next/navigation has no router outside of Next.
vi.mock('next/navigation', () => ({
  useRouter: () => ({ push: () => undefined }),
  usePathname: () => '/',
}));

type Call = (input: unknown) => unknown;

interface ConsoleOptions {
  readonly status?: Partial<Status>;
  readonly approvals?: RouterOutputs['approvals']['list'];
  readonly role?: Role;
  /** The server's answer to each procedure. A procedure without one fails. */
  readonly server?: Readonly<Record<string, Call>>;
}

export function statusOf(overrides: Partial<Status> = {}): Status {
  const now = new Date().toISOString();
  return {
    serverTime: now,
    outboxSeq: '1',
    environment: 'SIM',
    stage: 'M0_LOCAL',
    trading: { state: 'ACTIVE', version: '1', changedAt: now, changedBy: 'ann', reason: '', halt: null, causes: [] },
    market: null,
    newestQuote: { quotedAt: now, receivedAt: now },
    maxDataAgeSeconds: 5,
    workers: { alive: 1, newestBeatAt: now },
    openBreaks: 0,
    unprotected: [],
    broker: null,
    openings: 0,
    alerts: { open: 0, newest: null },
    approvals: { pending: 0, soonestExpiresAt: null, newestId: null },
    dayPnl: null,
    portfolioAt: now,
    reconciledAt: now,
    ...overrides,
  };
}

/** Answers tRPC's HTTP requests, batched or single. */
function serve(server: Readonly<Record<string, Call>>) {
  return async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const url = new URL(String(input instanceof Request ? input.url : input), 'http://console');
    const batch = url.searchParams.has('batch');
    const text = typeof init?.body === 'string' ? init.body : (url.searchParams.get('input') ?? '{}');
    const parsed: unknown = JSON.parse(text);
    const results = await Promise.all(
      url.pathname
        .replace('/api/trpc/', '')
        .split(',')
        .map(async (path, index) => {
          const call = server[path];
          if (call === undefined) return { error: { message: `No answer for ${path}`, code: -32603, data: null } };
          return { result: { data: await call(batch ? (parsed as Record<string, unknown>)[index] : parsed) } };
        }),
    );
    return Response.json(batch ? results : results[0]);
  };
}

/** Renders a part of the console, signed in and connected to a server that answers as given. */
export function renderConsole(ui: ReactNode, options: ConsoleOptions = {}) {
  const status = statusOf(options.status);
  const approvals = options.approvals ?? { pending: [], decided: [] };
  const server = { 'system.status': () => status, 'approvals.list': () => approvals, ...options.server };
  vi.stubGlobal('fetch', serve(server));
  return render(
    <ApiProvider>
      <NowProvider renderedAt={Date.parse(status.serverTime)}>
        <SessionProvider session={{ name: 'Otto', email: 'otto@example.test', role: options.role ?? 'OPERATOR' }}>
          <ShellDataProvider value={{ status, approvals }}>{ui}</ShellDataProvider>
        </SessionProvider>
      </NowProvider>
    </ApiProvider>,
  );
}
