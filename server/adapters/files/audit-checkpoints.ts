import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { AuditCheckpoint, AuditCheckpoints, StoredCheckpoint } from '@/server/application/ports/audit-log';
import { canonicalJson } from '@/server/kernel/canonical-json';

const checkpointSchema = z.object({
  from: z.int().positive(),
  to: z.int().positive(),
  hashes: z.array(z.string()),
  at: z.iso.datetime(),
  keyId: z.string(),
});
const lineSchema = checkpointSchema.extend({ publicKey: z.string(), signature: z.string() });

/** What is signed: the checkpoint in one form, with a prefix so that the signature means nothing elsewhere. */
const signedText = ({ from, to, hashes, at, keyId }: AuditCheckpoint) =>
  Buffer.from(`countersign audit checkpoint 1\n${canonicalJson({ from, to, hashes, at, keyId })}`);

const isCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code;

const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'der' });
const idOf = (publicDer: Buffer) => createHash('sha256').update(publicDer).digest('hex');

/** A checkpoint counts only where its signature is that of the key it names, and its rows are as many as it says. */
function isGenuine({ publicKey, signature, ...checkpoint }: z.output<typeof lineSchema>): boolean {
  try {
    const der = Buffer.from(publicKey, 'base64');
    if (idOf(der) !== checkpoint.keyId) return false;
    if (checkpoint.hashes.length !== checkpoint.to - checkpoint.from + 1) return false;
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return verify(null, signedText(checkpoint), key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

const UNREADABLE = { from: 0, to: 0, hashes: [], at: '', keyId: '', genuine: false };

function parseLine(text: string, line: number): StoredCheckpoint {
  try {
    const parsed = lineSchema.parse(JSON.parse(text));
    const { from, to, hashes, at, keyId } = parsed;
    return { from, to, hashes, at, keyId, line, genuine: isGenuine(parsed) };
  } catch {
    return { ...UNREADABLE, line };
  }
}

/** The Ed25519 key of the folder; made where there is none. Only its owner can read it. */
async function loadKey(folder: string): Promise<KeyObject> {
  const file = path.join(folder, 'audit-key.pem');
  try {
    return createPrivateKey(await readFile(file));
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
  }
  await mkdir(folder, { recursive: true });
  const { privateKey } = generateKeyPairSync('ed25519');
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(privateKey.export({ type: 'pkcs8', format: 'pem' }));
      await handle.sync();
    } finally {
      await handle.close();
    }
    return privateKey;
  } catch (error) {
    // Another process made it meanwhile.
    if (!isCode(error, 'EEXIST')) throw error;
    return createPrivateKey(await readFile(file));
  }
}

/**
 * `audit-checkpoints.jsonl` of a folder: one signed checkpoint a line, on disk before `append` returns; and `audit-key.pem`, its key. A last
 * line that a crash cut off does not count: its rows are signed again.
 */
export function createAuditCheckpoints(folder: string): AuditCheckpoints {
  const file = path.join(folder, 'audit-checkpoints.jsonl');
  let key: Promise<KeyObject> | undefined;
  return {
    async read() {
      const text = await readFile(file, 'utf8').catch((error: unknown) => {
        if (isCode(error, 'ENOENT')) return '';
        throw error;
      });
      const lines = text.split('\n');
      // What follows the last line feed was never finished.
      lines.pop();
      return lines.map((line, index) => parseLine(line, index + 1));
    },
    async append(rows) {
      key ??= loadKey(folder);
      const privateKey = await key;
      const der = spki(createPublicKey(privateKey));
      const checkpoint = { ...rows, keyId: idOf(der) };
      const signature = sign(null, signedText(checkpoint), privateKey).toString('base64');
      const handle = await open(file, 'a+', 0o600);
      try {
        const { size } = await handle.stat();
        if (size > 0) await cutUnfinished(handle, size);
        await handle.appendFile(`${JSON.stringify({ ...checkpoint, publicKey: der.toString('base64'), signature })}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
  };
}

/** Removes what follows the last line feed. */
async function cutUnfinished(handle: Awaited<ReturnType<typeof open>>, size: number): Promise<void> {
  const last = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  if (last.buffer.toString() === '\n') return;
  const text = await handle.readFile('utf8');
  await handle.truncate(Buffer.byteLength(text.slice(0, text.lastIndexOf('\n') + 1)));
}
