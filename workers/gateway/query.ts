import { badField } from './errors';

/** A whole number of the query in [least, most]; `otherwise` when it is not given. @throws ApiError 422 */
export function wholeNumber(
  query: URLSearchParams,
  name: string,
  otherwise: number,
  least: number,
  most: number,
): number {
  const text = query.get(name);
  if (text === null || text === '') return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw badField(`${name} must be a whole number between ${least} and ${most}`);
  return value;
}

/** One of a few words. @throws ApiError 422 */
export function oneOf<T extends string>(query: URLSearchParams, name: string, words: readonly T[], otherwise: T): T {
  const text = query.get(name);
  if (text === null || text === '') return otherwise;
  const found = words.find((word) => word === text);
  if (found === undefined) throw badField(`${name} must be one of ${words.join(', ')}`);
  return found;
}

/** A date or an RFC 3339 time, epoch ms; null when it is not given. @throws ApiError 422 */
export function instant(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null || text === '') return null;
  // A plus sign that was not escaped arrives as a space.
  const atMs = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text.replace(' ', '+')) : Number.NaN;
  if (Number.isNaN(atMs)) throw badField(`${name} is not a time: give YYYY-MM-DD or RFC 3339`);
  return atMs;
}

/** A comma-separated list, also when the name is repeated; empty when not given. */
export function list(query: URLSearchParams, name: string): string[] {
  return query
    .getAll(name)
    .flatMap((text) => text.split(','))
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
