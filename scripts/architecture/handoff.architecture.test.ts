import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const FOLDER = '.ai/handoff';
/** Whoever continues reads these whole: they must stay short. */
const MAX_BYTES = 6_000;

const read = (name: string): unknown => JSON.parse(readFileSync(path.join(FOLDER, name), 'utf8'));
const manifest = z
  .object({ read_first: z.array(z.string()), documents: z.array(z.object({ id: z.string(), path: z.string() })) })
  .parse(read('manifest.json'));

describe('the handoff folder', () => {
  test('has a manifest of the form that its schema states', () => {
    const schema = z.record(z.string(), z.unknown()).parse(read('manifest.schema.json'));
    const validate = new Ajv2020({ allErrors: true }).compile(schema);
    validate(read('manifest.json'));
    expect(validate.errors ?? []).toEqual([]);
  });

  test('lists every document once, and no other', () => {
    const kinds = ['task_briefs', 'summaries', 'decisions', 'prompts'];
    const present = kinds.flatMap((kind) => readdirSync(path.join(FOLDER, kind)).map((name) => `${kind}/${name}`));
    expect(manifest.documents.map((document) => document.path).sort()).toEqual(present.sort());
    expect(new Set(manifest.documents.map(({ id }) => id)).size).toBe(manifest.documents.length);
  });

  test('names first what is there to read', () => {
    expect(manifest.read_first.filter((file) => !existsSync(file))).toEqual([]);
  });

  test.each(manifest.documents)('$path is short', (document) => {
    expect(statSync(path.join(FOLDER, document.path)).size).toBeLessThan(MAX_BYTES);
  });

  test.each(manifest.documents.filter(({ path: file }) => file.startsWith('decisions/')))(
    '$path says context, decision, consequences and alternatives',
    (document) => {
      const text = readFileSync(path.join(FOLDER, document.path), 'utf8');
      const headings = [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
      expect(headings).toEqual(['Context', 'Decision', 'Consequences', 'Alternatives']);
    },
  );
});
