import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALERTS, alertInfo } from './alerts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const CODES = Object.keys(ALERTS);

/** Production files that may raise alerts. */
function sources(): { readonly file: string; readonly text: string }[] {
  return ['server/application', 'server/adapters/postgres', 'workers'].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|sql)$/.test(file) && !/\.test\.ts$|testing\/|simulator\/|generated\//.test(file))
      .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(path.join(ROOT, folder, file), 'utf8') })),
  );
}

const SOURCES = sources();

/** Codes that are raised or resolved in SQL, where no type checks them. */
const codesInSql = (text: string): string[] =>
  [...text.matchAll(/alert_(?:open\([^,;]+,|resolve\()\s*'([A-Z_]+)'/g)].map(([, code = '']) => code);

describe('the alert catalogue', () => {
  it('holds every code that SQL raises or resolves', () => {
    const used = [...new Set(SOURCES.flatMap(({ text }) => codesInSql(text)))].sort();
    expect(used).toContain('BREAK_GLASS');
    expect(used.filter((code) => !CODES.includes(code))).toEqual([]);
  });

  it('leaves no SQL in TypeScript to raise alerts beside the typed store', () => {
    const beside = SOURCES.filter(
      ({ file, text }) =>
        file.endsWith('.ts') && /alert_(open|resolve)\(/.test(text) && !file.endsWith('/alert-store.ts'),
    );
    expect(beside.map(({ file }) => file)).toEqual([]);
  });

  it.each(CODES)('%s is raised somewhere', (code) => {
    expect(SOURCES.filter(({ text }) => text.includes(`'${code}'`))).not.toEqual([]);
  });

  it.each(CODES)('%s says what happened and what to do', (code) => {
    const { title, cause, action, subject, href } = alertInfo(code);
    for (const text of [title, cause, action, subject]) expect(text).not.toBe('');
    expect(href).toMatch(/^\//);
  });

  it('shows a code of another version under its own name', () => {
    expect(alertInfo('NOT_YET_KNOWN')).toMatchObject({ title: 'Not yet known', severity: 'WARNING', href: '/alerts' });
  });
});
