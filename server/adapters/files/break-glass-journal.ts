import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { BreakGlassJournal, BreakGlassRecord } from '@/server/application/ports/break-glass';

const recordSchema = z.object({
  id: z.uuid(),
  phase: z.enum(['BEGUN', 'SUSPENDING', 'ENDED', 'LIFTED']),
  kind: z.enum(['BREAK_GLASS', 'DEAD_MAN']),
  actor: z.string(),
  reason: z.string(),
  at: z.iso.datetime(),
  data: z.record(z.string(), z.unknown()),
});

const isMissing = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOENT';

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}

function parseLine(line: string): BreakGlassRecord | null {
  try {
    return recordSchema.parse(JSON.parse(line));
  } catch {
    // Cut off by a crash: the step that it was written before was not taken.
    return null;
  }
}

/** `break-glass.jsonl` of the data folder: one JSON a line, synced to disk before the step that it tells of. */
export function createBreakGlassJournal(dataDir: string): BreakGlassJournal {
  const file = path.join(dataDir, 'break-glass.jsonl');
  return {
    async append(record) {
      await mkdir(dataDir, { recursive: true });
      const handle = await open(file, 'a+', 0o600);
      try {
        const { size } = await handle.stat();
        const last = size === 0 ? '\n' : (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString();
        // A line that a crash cut off ends here.
        await handle.appendFile(`${last === '\n' ? '' : '\n'}${JSON.stringify(record)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
    async read() {
      const lines = (await readText(file)).split('\n').filter((line) => line !== '');
      return lines.map(parseLine).filter((record) => record !== null);
    },
  };
}
