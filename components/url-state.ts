import { createParser } from 'nuqs/server';

/** A choice in the address. Unknown values mean the default, which is left out of the address. */
export function choiceParam<Key extends string>(
  options: Readonly<Record<Key, unknown>>,
  fallback: NoInfer<Key>,
  serialize: (key: Key) => string = (key) => key,
) {
  const keys = Object.keys(options) as Key[];
  return createParser<Key>({
    parse: (text) => keys.find((key) => key.toLowerCase() === text.toLowerCase()) ?? null,
    serialize,
  }).withDefault(fallback);
}

/** Text in the address, of at most so many characters; '' is left out. */
export function textParam(maxLength: number) {
  return createParser<string>({
    parse: (text) => text.trim().slice(0, maxLength),
    serialize: (text) => text,
  }).withDefault('');
}

/** A symbol in the address, in capitals; '' is left out. */
export const symbolParam = createParser<string>({
  parse: (text) => text.trim().toUpperCase().slice(0, 12),
  serialize: (text) => text,
}).withDefault('');

/** Whether two views ask for the same. */
export function sameView<View extends object>(left: View, right: View): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
