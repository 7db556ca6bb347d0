import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAuditCheckpoints } from '@/server/adapters/files/audit-checkpoints';
import type { AuditCheckpoints, AuditLog, AuditRow } from '@/server/application/ports/audit-log';
import { AuditSigner } from './sign-audit-log';
import { verifyAuditLog } from './verify-audit-log';

const PAGE_ROWS = 4;
const NO_HASH = '0'.repeat(64);

let folder: string;
let rows: AuditRow[];
let checkpoints: AuditCheckpoints;
let alerts: string[];
let signer: AuditSigner;

const log: AuditLog = {
  pageRows: PAGE_ROWS,
  page: async (afterId) => rows.filter(({ id }) => BigInt(id) > BigInt(afterId)).slice(0, PAGE_ROWS),
};

/** Rows whose content is `text`; the hash of a row is its content and all before it. */
function write(...texts: readonly string[]): void {
  for (const text of texts) {
    const previousHash = rows.at(-1)?.hash ?? NO_HASH;
    const hash = `${previousHash.replace(NO_HASH, '')}/${text}`;
    rows.push({ id: String(rows.length + 1), previousHash, hash, computedHash: hash });
  }
}

const newSigner = () =>
  new AuditSigner({
    log,
    checkpoints,
    alerts: {
      open: async (kind, _subject, message) => {
        alerts.push(`${kind}: ${message}`);
        return true;
      },
      resolve: async () => {
        alerts.push('resolved');
        return true;
      },
    },
    clock: { nowMs: () => Date.UTC(2026, 0, 5, 15) },
    logger: { error: () => undefined, info: () => undefined },
  });

const file = () => path.join(folder, 'audit-checkpoints.jsonl');
const verify = async () => verifyAuditLog(log, await checkpoints.read());

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'countersign-audit-'));
  checkpoints = createAuditCheckpoints(folder);
  rows = [];
  alerts = [];
  signer = newSigner();
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('signing the audit log (D-7)', () => {
  test('signs each row once, in pages, and nothing while nothing is appended', async () => {
    expect(await signer.sign()).toBe(0);
    write('a', 'b', 'c', 'd', 'e', 'f');
    expect(await signer.sign()).toBe(6);
    expect(await signer.sign()).toBe(6);
    write('g');
    expect(await newSigner().sign()).toBe(7);
    const stored = await checkpoints.read();
    expect(stored.map(({ from, to, genuine }) => [from, to, genuine])).toEqual([
      [1, 4, true],
      [5, 6, true],
      [7, 7, true],
    ]);
    expect(new Set(stored.map(({ keyId }) => keyId)).size).toBe(1);
    expect(await verify()).toMatchObject({ count: 7, broken: null, signed: { rows: 7 } });
  });

  test('the key can be read by its owner alone', async () => {
    write('a');
    await signer.sign();
    expect(statSync(path.join(folder, 'audit-key.pem')).mode & 0o777).toBe(0o600);
  });

  test('a log that was rewritten as a whole is named by its first row, alerted, and never signed again', async () => {
    write('a', 'b', 'c');
    await signer.sign();
    rows = [];
    write('a', 'x', 'c', 'd');
    expect(await verify()).toMatchObject({ broken: { id: '2', why: expect.stringContaining('signed at 2026-01-05') } });
    for (const each of [signer, newSigner(), signer]) expect(await each.sign()).toBeNull();
    expect(await checkpoints.read()).toHaveLength(1);
    expect(alerts.at(-1)).toContain('AUDIT: The audit log is not what was signed');
  });

  test('so are rows that were cut off the end', async () => {
    write('a', 'b', 'c');
    await signer.sign();
    rows.pop();
    expect(await verify()).toMatchObject({ broken: { id: '3', why: 'rows up to 3 were signed' } });
    expect(await signer.sign()).toBeNull();
    expect(await newSigner().sign()).toBeNull();
  });

  test('so is a row that does not give its hash before it is signed', async () => {
    write('a', 'b');
    rows = rows.map((row) => (row.id === '2' ? { ...row, computedHash: 'other' } : row));
    expect(await signer.sign()).toBeNull();
    expect(await checkpoints.read()).toEqual([]);
  });

  test('once the log is as it was signed again, signing goes on and the alert is resolved', async () => {
    write('a', 'b');
    await signer.sign();
    const before = rows;
    rows = [];
    write('x', 'y');
    expect(await signer.sign()).toBeNull();
    rows = before;
    write('c');
    expect(await signer.sign()).toBe(3);
    expect(alerts.at(-1)).toBe('resolved');
  });

  test('a checkpoint that was changed is not genuine, and nothing is signed beside it', async () => {
    write('a', 'b');
    await signer.sign();
    writeFileSync(file(), readFileSync(file(), 'utf8').replace('/a', '/z'));
    expect((await checkpoints.read()).map(({ genuine }) => genuine)).toEqual([false]);
    expect(await newSigner().sign()).toBeNull();
    expect(alerts.at(-1)).toContain('line 1 of the checkpoints is not signed by its key');
  });

  test.each([
    ['is no JSON', () => '{"from": 1'],
    [
      'names another key',
      (text: string) => text.replace(/"keyId":"."/, '"keyId":"!').replace(/"keyId":"(.)/, '"keyId":"0$1'),
    ],
    ['claims more rows', (text: string) => text.replace('"to":2', '"to":3')],
  ])('nor is one that %s', async (_, change) => {
    write('a', 'b');
    await signer.sign();
    writeFileSync(file(), `${change(readFileSync(file(), 'utf8').trimEnd())}\n`);
    expect((await checkpoints.read()).map(({ genuine }) => genuine)).toEqual([false]);
  });

  test('a line that a crash cut off does not count: its rows are signed again', async () => {
    write('a');
    await signer.sign();
    write('b');
    await signer.sign();
    const text = readFileSync(file(), 'utf8');
    writeFileSync(file(), text.slice(0, -20));
    expect(await checkpoints.read()).toHaveLength(1);
    expect(await newSigner().sign()).toBe(2);
    expect((await checkpoints.read()).map(({ from, genuine }) => [from, genuine])).toEqual([
      [1, true],
      [2, true],
    ]);
  });
});
