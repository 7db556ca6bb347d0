import { createAccessStore } from '@/server/adapters/postgres/access/access';
import { createOutboxFeed } from '@/server/adapters/postgres/bus/read-outbox-feed';
import { createConsoleReads } from '@/server/adapters/postgres/ops/read-console-reads';
import { getPrisma } from '@/server/adapters/postgres/prisma';
import type { AccessStore } from '@/server/application/ports/access';
import type { ConsoleReads } from '@/server/application/ports/console-reads';
import type { OutboxFeed } from '@/server/application/ports/outbox-feed';
import { AccessRecorder } from '@/server/auth/record-access';
import { SessionReader } from '@/server/auth/session';
import { SignInLimits } from '@/server/auth/sign-in-limits';
import { readEnv } from '@/server/composition/env';
import { openBarReader } from '@/server/composition/market';
import { getPool } from '@/server/composition/web';

/** What the console needs beside the commands. */
export interface Console {
  readonly reads: ConsoleReads;
  readonly access: AccessStore;
  readonly accessRecorder: AccessRecorder;
  readonly sessions: SessionReader;
  readonly signInLimits: SignInLimits;
  readonly feed: OutboxFeed;
}

// Pages, route handlers and hot reload load this module separately; the process keeps one.
const holder = globalThis as typeof globalThis & { countersignConsole?: Console };

/** The process's console services, made at first use: a build needs no database. @throws EnvError */
export function getConsole(): Console {
  holder.countersignConsole ??= build();
  return holder.countersignConsole;
}

function build(): Console {
  const env = readEnv();
  const db = getPrisma(env.DATABASE_URL);
  const access = createAccessStore(db);
  const reads = createConsoleReads(db, openBarReader(getPool(), env.DATA_DIR));
  return {
    reads,
    access,
    accessRecorder: new AccessRecorder(access),
    signInLimits: new SignInLimits(),
    sessions: new SessionReader(access, () => env.NEXTAUTH_SECRET),
    feed: createOutboxFeed(env.DATABASE_URL),
  };
}
