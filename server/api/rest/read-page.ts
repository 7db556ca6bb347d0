import { CursorError, type Page } from '@/server/application/page';
import { ProblemError } from './problem';

/** Reads a page; a cursor that this API did not give out is the client's fault. */
export async function readPage<T>(read: () => Promise<Page<T>>): Promise<Page<T>> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof CursorError)) throw error;
    const message = 'is not a cursor of this list';
    throw new ProblemError('VALIDATION_FAILED', `cursor: ${message}`, { errors: [{ field: 'cursor', message }] });
  }
}
