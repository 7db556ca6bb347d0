/** Text that Postgres takes: no NUL, no half of a surrogate pair. What it was comes out as U+FFFD. */
export function storableText(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8').replaceAll('\u0000', '\ufffd');
}

/** JSON that Postgres takes, whatever its texts hold. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'string' ? storableText(each) : each));
}
