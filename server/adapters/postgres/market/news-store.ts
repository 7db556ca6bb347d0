import type { Pool } from 'pg';
import { z } from 'zod';
import { storableText } from '@/server/adapters/postgres/storable';
import type { NewsStore } from '@/server/application/ports/news-store';
import { symbolSchema } from '@/server/contracts/symbol';
import type { RawNews } from '@/server/domain/reasoning/news-summary';

/** An item is kept as it came, but not without end: far more than a headline has. */
const MAX_TEXT = 4_000;
const MAX_SYMBOLS = 100;
/** As many as a summary looks at: more than it holds, so that repetitions and what is left empty do not crowd out the others. */
const READ = 100;
const BATCH = 500;

const storable = (text: string, limit = MAX_TEXT) => storableText(text.slice(0, limit));

function symbolsOf(item: RawNews): string[] {
  const parsed = item.symbols.slice(0, MAX_SYMBOLS).map((symbol) => symbolSchema.safeParse(symbol));
  return [...new Set(parsed.flatMap(({ success, data }) => (success ? [data] : [])))];
}

const WRITE = `
  INSERT INTO news (source, id, symbols, headline, published_at)
  SELECT r.source, r.id, ARRAY(SELECT jsonb_array_elements_text(r.symbols)), r.headline, r.published_at
    FROM jsonb_to_recordset($1::jsonb) AS r(source text, id text, symbols jsonb, headline text, published_at timestamptz)
  ON CONFLICT DO NOTHING`;

const READ_SYMBOL = {
  name: 'news_read',
  text: `SELECT source, id, symbols, headline, epoch_ms(published_at)::float8 AS published_ms FROM news
          WHERE symbols @> ARRAY[$1::text] AND published_at >= $2 AND published_at < $3
          ORDER BY published_at DESC, id, source LIMIT ${READ}`,
};

const rowSchema = z.object({
  source: z.string(),
  id: z.string(),
  symbols: z.array(z.string()),
  headline: z.string(),
  published_ms: z.number(),
});

function toNews(value: unknown): RawNews {
  const { published_ms: publishedMs, ...item } = rowSchema.parse(value);
  return { ...item, publishedMs };
}

/** News in Postgres. */
export function createNewsStore(pool: Pool): NewsStore {
  return {
    async write(items) {
      const rows = items
        .filter(({ publishedMs, id }) => Number.isFinite(publishedMs) && id !== '')
        .map((item) => ({
          source: storable(item.source, 200),
          id: storable(item.id, 200),
          symbols: symbolsOf(item),
          headline: storable(item.headline),
          published_at: new Date(item.publishedMs).toISOString(),
        }));
      let stored = 0;
      for (let from = 0; from < rows.length; from += BATCH) {
        const { rowCount } = await pool.query(WRITE, [JSON.stringify(rows.slice(from, from + BATCH))]);
        stored += rowCount ?? 0;
      }
      return stored;
    },
    async read(symbol, fromMs, untilMs) {
      const { rows } = await pool.query({ ...READ_SYMBOL, values: [symbol, new Date(fromMs), new Date(untilMs)] });
      return rows.map(toNews);
    },
    async marketNowMs() {
      const { rows } = await pool.query<{ ms: number }>(
        'SELECT epoch_ms(market_time + (clock_timestamp() - observed_at) * speed)::float8 AS ms FROM market_clock WHERE id = 1',
      );
      return rows[0]?.ms ?? null;
    },
    async newestMs(idPrefix) {
      const { rows } = await pool.query<{ ms: number | null }>(
        'SELECT epoch_ms(max(published_at))::float8 AS ms FROM news WHERE starts_with(id, $1)',
        [idPrefix],
      );
      return rows[0]?.ms ?? null;
    },
  };
}
