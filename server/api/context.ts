import { randomUUID } from 'node:crypto';
import type { Commands } from '@/server/application/commands';
import type { AccessSource, AccessStore } from '@/server/application/ports/access';
import type { ConsoleReads } from '@/server/application/ports/console-reads';
import { sourceOf } from '@/server/auth/record-access';
import { isSameOrigin } from '@/server/auth/same-origin';
import { type Session, sessionCookie } from '@/server/auth/session';
import { getConsole } from '@/server/composition/console';
import { getCommands } from '@/server/composition/web';
import { toApiError } from './errors';

export interface ApiContext {
  readonly session: Session | null;
  /** False if a page of another site may have sent the request. */
  readonly sameOrigin: boolean;
  readonly correlationId: string;
  readonly source: AccessSource;
  readonly reads: ConsoleReads;
  readonly access: AccessStore;
  /** The session has just ended: the next request of this process reads it again. */
  readonly forgetSession: (sessionId: string) => void;
  readonly commands: () => Commands;
}

/** Context of a tRPC request from its headers. */
export async function createApiContext(headers: Headers): Promise<ApiContext> {
  const { sessions, reads, access } = getConsole();
  return {
    // Procedures map their own errors; this runs before any procedure.
    session: await sessions.read(sessionCookie(headers.get('cookie'))).catch((error: unknown) => {
      throw toApiError(error);
    }),
    sameOrigin: isSameOrigin(headers),
    correlationId: randomUUID(),
    source: sourceOf(headers),
    reads,
    access,
    forgetSession: (id) => sessions.forget(id),
    commands: getCommands,
  };
}
