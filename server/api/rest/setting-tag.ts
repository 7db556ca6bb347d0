import { ProblemError } from './problem';

/** The ETag of a setting: its version. */
export const settingTag = (version: number): string => `"${version}"`;

/** The version that If-Match names; null without one, or for `*`. @throws ProblemError 400 for what is no such tag */
export function settingVersion(headers: Headers): number | null {
  const header = headers.get('if-match')?.trim();
  if (header === undefined || header === '*') return null;
  const version = /^(?:W\/)?"(\d{1,15})"$/.exec(header)?.[1];
  if (version === undefined) throw new ProblemError('BAD_REQUEST', 'If-Match: must be the ETag of a setting');
  return Number(version);
}
