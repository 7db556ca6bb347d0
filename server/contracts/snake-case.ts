import type { z } from 'zod';

/**
 * REST bodies are the records of the core with their keys in snake case. Both helpers are shallow: what a field holds stays
 * as it is.
 */
export type SnakeCase<Key extends string> = Key extends `${infer Head}${infer Rest}`
  ? Head extends Lowercase<Head>
    ? `${Head}${SnakeCase<Rest>}`
    : `_${Lowercase<Head>}${SnakeCase<Rest>}`
  : Key;

type Snaked<T> = { [Key in keyof T as Key extends string ? SnakeCase<Key> : never]: T[Key] };

export const snakeCase = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `{ timeInForce: 'DAY' }` becomes `{ time_in_force: 'DAY' }`. */
export function snakeKeys<T extends object>(record: T): Snaked<T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [snakeCase(key), value])) as Snaked<T>;
}

/** The shape of a schema under snake case keys. */
export function snakeShape<Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>): Snaked<Shape> {
  return snakeKeys(schema.shape);
}
