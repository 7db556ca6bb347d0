import type { z } from 'zod';
import { CursorError, type Page } from '@/server/application/page';
import { ProblemError, validationProblem } from './problem';
import { readJsonBody } from './read-body';

/** How an endpoint reads its input, and the schema for the description. */
export interface Input<T> {
  readonly kind: 'none' | 'body' | 'query';
  readonly schema: z.ZodType<T> | null;
  /** @throws ProblemError 4xx */
  readonly read: (request: Request) => Promise<T>;
}

/** No input: a body or query is ignored. */
export const noInput: Input<undefined> = { kind: 'none', schema: null, read: async () => undefined };

/** A JSON body, validated by the schema. */
export function jsonBody<T>(schema: z.ZodType<T>): Input<T> {
  return {
    kind: 'body',
    schema,
    read: async (request) => {
      const parsed = schema.safeParse(await readJsonBody(request));
      if (!parsed.success) throw validationProblem(parsed.error, 'body');
      return parsed.data;
    },
  };
}

/** A query string, validated by the schema. A repeated name is refused. */
export function queryString<T>(schema: z.ZodType<T>): Input<T> {
  return {
    kind: 'query',
    schema,
    read: async (request) => {
      const parsed = schema.safeParse(readParameters(new URL(request.url).searchParams));
      if (!parsed.success) throw validationProblem(parsed.error, 'query');
      return parsed.data;
    },
  };
}

function readParameters(parameters: URLSearchParams): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [name, value] of parameters) {
    if (name === '__proto__' || Object.hasOwn(given, name)) {
      const message = name === '__proto__' ? 'is unknown' : 'is given twice';
      throw new ProblemError('VALIDATION_FAILED', `${name}: ${message}`, { errors: [{ field: name, message }] });
    }
    // The database cannot store it, and no valid value has it.
    if (value.includes('\u0000')) {
      const message = 'must not have the NUL character';
      throw new ProblemError('VALIDATION_FAILED', `${name}: ${message}`, { errors: [{ field: name, message }] });
    }
    given[name] = value;
  }
  return given;
}

/** Reads a page. @throws ProblemError 422 for a cursor that this API did not issue */
export async function readPage<T>(read: () => Promise<Page<T>>): Promise<Page<T>> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof CursorError)) throw error;
    const message = 'is not a cursor of this list';
    throw new ProblemError('VALIDATION_FAILED', `cursor: ${message}`, { errors: [{ field: 'cursor', message }] });
  }
}
