import { Pool } from 'pg';
import { ensureDefaults } from '@/server/adapters/postgres/ops/policy-versions';
import { createPool } from '@/server/adapters/postgres/pool';
import { createTestDatabase } from '@/test-support/postgres';
import { TEST_POLICY } from '@/test-support/test-policy';
import { VIRTUAL_TIME } from './virtual-time';

/** Symbols that are traded; policy allows them. */
export const SYMBOLS = ['AAPL', 'MSFT'] as const;

/** Rows that were deleted are swept after so many runs: the tables stay small. */
const SWEEP_EVERY = 40;

/** A migrated database of its own whose time is virtual, emptied between runs. */
export class ModelDatabase {
  private runs = 0;

  private constructor(
    /** Commands, booking and reading, as the worker's and the web's ordinary connections. */
    readonly main: Pool,
    readonly control: Pool,
    readonly send: Pool,
    /** The test's own: it looks and does not wait behind what it looks at. */
    readonly witness: Pool,
    private readonly drop: () => Promise<void>,
  ) {}

  static async create(): Promise<ModelDatabase> {
    const { url, drop } = await createTestDatabase();
    const setUp = new Pool({ connectionString: url, max: 1 });
    await setUp.query(VIRTUAL_TIME);
    await setUp.query(
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = model_time, pg_catalog, public', current_database()); END $$`,
    );
    await ensureDefaults(setUp, TEST_POLICY);
    await setUp.end();
    const open = (name: string, max: number) => createPool(url, { name, max });
    return new ModelDatabase(open('main', 6), open('control', 3), open('send', 12), open('witness', 2), drop);
  }

  /** Forgets everything but policy: a new run begins at the start of virtual time. */
  async beginAgain(): Promise<void> {
    await this.witness.query('SELECT model_time.begin_again($1)', [SYMBOLS]);
    this.runs += 1;
    if (this.runs % SWEEP_EVERY === 0) await this.witness.query('VACUUM');
  }

  async close(): Promise<void> {
    await Promise.all([this.main, this.control, this.send, this.witness].map((pool) => pool.end()));
    await this.drop();
  }
}
