import { createRecentBars } from '@/server/adapters/postgres/market/recent-bars';
import { createLeaseStore } from '@/server/adapters/postgres/ops/lease-store';
import { createPool } from '@/server/adapters/postgres/pool';
import { openHistory } from '@/server/composition/history';
import { CompactedDays, compactHistory } from '../compact';

/** One compaction in a process of its own, for a test that kills it. */
const pool = createPool(process.env['DATABASE_URL'] ?? '', { name: 'compact', max: 2 });
const fence = await createLeaseStore(pool).acquire('maintenance', `test ${process.pid}`, 60_000);
if (fence === null) throw new Error('somebody else holds the lease');
await compactHistory(
  {
    recent: createRecentBars(pool),
    openHistory: async () => openHistory(process.env['DATA_DIR'] ?? ''),
    signal: new AbortController().signal,
    failed: (_, error) => Promise.reject(error),
  },
  new CompactedDays(),
  fence,
);
await pool.end();
