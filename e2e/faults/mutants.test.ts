import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { MUTANTS } from './mutants';

const ROOT = path.resolve(import.meta.dirname, '../..');

it.each(MUTANTS.flatMap(({ name, mutations }) => mutations.map((mutation) => ({ name, ...mutation }))))(
  '$name changes one place of $file',
  ({ file, find }) => {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    expect(text.split(find)).toHaveLength(2);
  },
);
