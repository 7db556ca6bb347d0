import { sessionCookie } from '@/server/auth/session';
import { getConsole } from '@/server/composition/console';
import { StreamHub } from './hub';
import { openStream } from './open-stream';
import { StreamPlaces } from './stream-places';

// One hub per process, even if several bundles load this module.
const holder = globalThis as typeof globalThis & {
  countersignStreamHub?: StreamHub;
  countersignStreamPlaces?: StreamPlaces;
};

/**
 * GET /api/stream?since=SEQ: server-sent events for a signed-in console. 401 without a session, 503 where the person or the process
 * has too many.
 */
export async function handleStream(request: Request): Promise<Response> {
  const { sessions, feed } = getConsole();
  const cookie = sessionCookie(request.headers.get('cookie'));
  const session = await sessions.read(cookie);
  if (session === null) return new Response('Sign in to continue.', { status: 401 });
  holder.countersignStreamPlaces ??= new StreamPlaces();
  const release = holder.countersignStreamPlaces.take(session);
  if (release === null) return new Response('Too many consoles are open.', { status: 503 });
  holder.countersignStreamHub ??= new StreamHub(feed);
  const hub = holder.countersignStreamHub;
  const source = { hub, feed, session: () => sessions.read(cookie), now: Date.now, onEnd: release };
  return new Response(openStream(source, sinceOf(request), request.signal), {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      // no-transform disables compression, which would delay messages.
      'cache-control': 'no-cache, no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    },
  });
}

/** The last event that the console has seen: the browser's own header on a reconnect, otherwise the query. */
function sinceOf(request: Request): bigint {
  const text = request.headers.get('last-event-id') ?? new URL(request.url).searchParams.get('since') ?? '';
  return /^\d{1,18}$/.test(text) ? BigInt(text) : 0n;
}
