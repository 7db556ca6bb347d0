import type { Pool } from 'pg';
import type { EventLog } from '@/server/application/ports/event-log';
import { SupersededError } from '@/server/application/ports/lease';

interface Row {
  deployment: string | null;
  stream_identity: string | null;
  stream_seq: string;
  forwarded: string;
  replaced: number;
  position: string;
}

const HELD = `EXISTS (SELECT 1 FROM leases WHERE name = $1 AND token = $2::bigint AND expires_at > clock_timestamp())`;

const COLUMNS = `deployment, stream_identity, stream_seq::text, forwarded::text, replaced, position::text`;

/** What bus_state knows of the stream. Whoever needs the deployment's name first chooses it. */
export function createStreamRecords(pool: Pool, newName: () => string): Pick<EventLog, 'stream' | 'saveStream'> {
  async function read(): Promise<Row | undefined> {
    const { rows } = await pool.query<Row>(`SELECT ${COLUMNS} FROM bus_state WHERE id = 1`);
    if (rows[0]?.deployment !== null) return rows[0];
    const { rows: named } = await pool.query<Row>(
      `UPDATE bus_state SET deployment = coalesce(deployment, $1) WHERE id = 1 RETURNING ${COLUMNS}`,
      [newName()],
    );
    return named[0];
  }
  return {
    async stream(fence) {
      if (fence !== null) {
        const held = await pool.query(`SELECT 1 WHERE ${HELD}`, [fence.name, fence.token]);
        if (held.rowCount !== 1) throw new SupersededError(`the ${fence.name} lease has a new holder`);
      }
      const row = await read();
      if (row?.deployment == null) throw new Error('bus_state has lost its row');
      return {
        deployment: row.deployment,
        identity: row.stream_identity,
        lastSeq: Number(row.stream_seq),
        forwarded: BigInt(row.forwarded),
        replaced: row.replaced,
        newest: BigInt(row.position),
      };
    },
    async saveStream(fence, { identity, lastSeq, forwarded, replaced }) {
      const { rowCount } = await pool.query(
        `UPDATE bus_state SET stream_identity = $3, stream_seq = $4, forwarded = $5::bigint, replaced = $6 WHERE id = 1 AND ${HELD}`,
        [fence.name, fence.token, identity, lastSeq, forwarded.toString(), replaced],
      );
      if (rowCount !== 1) throw new SupersededError(`the ${fence.name} lease has a new holder`);
    },
  };
}
