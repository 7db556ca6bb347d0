import type { ConsoleReads } from '@/server/application/ports/console-reads';
import { type Session, sessionCookie } from '@/server/auth/session';
import { getConsole } from '@/server/composition/console';
import { type CsvPages, EXPORTED_LISTS } from './lists';

interface ExportServices {
  readonly reads: ConsoleReads;
  readonly sessions: { read(cookie: string | undefined): Promise<Session | null> };
}

/**
 * GET /api/export/LIST: every row that the filter in the query allows, as CSV, read and sent page by page. 401 without a session, 404 for
 * an unknown list, 400 for a filter that the list does not have. An error on the way breaks the download off, so that no shortened file
 * is taken for a complete one.
 */
export async function handleExport(
  request: Request,
  list: string,
  { reads, sessions }: ExportServices = getConsole(),
): Promise<Response> {
  const session = await sessions.read(sessionCookie(request.headers.get('cookie')));
  if (session === null) return new Response('Sign in to continue.', { status: 401 });
  const exported = Object.hasOwn(EXPORTED_LISTS, list) ? EXPORTED_LISTS[list] : undefined;
  if (exported === undefined) return new Response('There is no such list.', { status: 404 });
  const query = Object.fromEntries(new URL(request.url).searchParams);
  const pages = Object.values(query).some((text) => text.includes('\u0000')) ? null : exported.open(reads, query);
  if (pages === null) return new Response('The filter is not one of this list.', { status: 400 });
  return new Response(toStream(pages), {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${list}.csv"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  });
}

/** Reads a page only when the client has taken the one before. */
function toStream(pages: CsvPages): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await pages.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      async cancel() {
        await pages.return();
      },
    },
    { highWaterMark: 1 },
  );
}
