import { ApiError } from '../broker/errors';
import type { SimNews } from '../market/news';
import type { RouteContext } from './context';
import type { SimAnswer, SimRequest } from './exchange';
import { instant, list, oneOf, wholeNumber } from './query';

const DAY_MS = 86_400_000;

function present({ id, headline, author, source, symbols, createdMs }: SimNews): object {
  const at = new Date(createdMs).toISOString();
  return {
    id,
    headline,
    author,
    source,
    symbols,
    created_at: at,
    updated_at: at,
    summary: headline,
    content: headline,
    images: [],
    url: null,
  };
}

/** How many items the pages before had. */
function offsetOf(token: string | null): number {
  if (token === null || token === '') return 0;
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (!/^\d{1,7}$/.test(text)) throw new ApiError(400, 40010001, 'invalid page_token');
  return Number(text);
}

/** `GET /v1beta1/news?symbols=&start=&end=&limit=&sort=&page_token=`; nothing of the future. */
export function getNews(context: RouteContext, request: SimRequest): SimAnswer {
  const { query } = request;
  const nowMs = context.engine.now();
  const toMs = Math.min(instant(query, 'end') ?? nowMs, nowMs);
  const fromMs = instant(query, 'start') ?? nowMs - DAY_MS;
  const limit = wholeNumber(query, 'limit', 10, 1, 50);
  const symbols = list(query, 'symbols').map((symbol) => symbol.toUpperCase());
  const items = context.news(symbols.length === 0 ? null : new Set(symbols), fromMs, toMs);
  if (oneOf(query, 'sort', ['asc', 'desc'], 'desc') === 'desc') items.reverse();
  const offset = offsetOf(query.get('page_token'));
  const more = items.length > offset + limit;
  return {
    status: 200,
    body: {
      news: items.slice(offset, offset + limit).map(present),
      next_page_token: more ? Buffer.from(String(offset + limit)).toString('base64url') : null,
    },
  };
}
