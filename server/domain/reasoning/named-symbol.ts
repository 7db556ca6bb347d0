/** Letters of other scripts, and small capitals, that look like Latin capitals and that NFKC does not change. */
const LOOK_ALIKES: ReadonlyMap<string, string> = new Map(
  [
    'AАΑᎪᴀ',
    'BВΒᏴʙ',
    'CСϹᏟᴄ',
    'DᎠᴅ',
    'EЕΕᎬᴇ',
    'FϜꜰ',
    'GԌᏀɢ',
    'HНΗᎻʜ',
    'IІΙӀɪ',
    'JЈᎫᴊ',
    'KКΚᏦᴋ',
    'LᏞʟ',
    'MМΜᎷᴍ',
    'NΝɴ',
    'OОΟՕᴏ',
    'PРΡᏢᴘ',
    'QԚ',
    'RᎡʀ',
    'SЅՏᏚꜱ',
    'TТΤᎢᴛ',
    'UՍᴜ',
    'VѴᏙᴠ',
    'WԜᎳᴡ',
    'XХΧ',
    'YУΥҮʏ',
    'ZΖᏃᴢ',
  ].flatMap((row) => [...row].slice(1).map((letter) => [letter, row[0] ?? ''] as const)),
);

/** First code points of the framed alphabets of 26 letters: negative circled, negative squared, regional indicators. */
const FRAMED = [0x1f150, 0x1f170, 0x1f1e6];

function latin(character: string): string {
  const known = LOOK_ALIKES.get(character);
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  const run = FRAMED.find((first) => code >= first && code < first + 26);
  return run === undefined ? character : String.fromCharCode(65 + code - run);
}

/** Removes accents and replaces look-alike letters by Latin ones. */
const asSeen = (text: string) => [...text.normalize('NFKD').replace(/\p{M}+/gu, '')].map(latin).join('');

/** Words in capitals that are not symbols in a sentence about trading. */
const WORDS = new Set(
  'ALL AND ATR BUY CEO CFO CPI DAY ECB EMA EPS ETF FDA FED FOMC FOR GDP HOLD IPO IT LOW MACD NOT NOW NYSE OR PE PPI RSI SEC SELL SMA STOP THE TO UK US USA USD VWAP'.split(
    ' ',
  ),
);

const trimmed = (word: string) => word.replace(/[.-]+$/, '').toUpperCase();

/** A word in capitals, or with more than one. */
const shouted = (word: string) => /^[A-Z][A-Z0-9.-]*$/.test(word) || (word.match(/[A-Z]/g) ?? []).length > 1;

/**
 * Returns a symbol other than `symbol` that a text names, or null. Finds `$MSFT`, `NASDAQ:MSFT`, known symbols in capitals, spaced
 * (`M S F T`) or in look-alike letters, and capitals after a trading verb. Does not find company names.
 */
export function namedSymbol(text: string, symbol: string, others: ReadonlySet<string>): string | null {
  const seen = asSeen(text);
  const strange = (name: string) => name !== '' && name !== symbol;
  for (const [, sign, word = ''] of seen.matchAll(/(\$?)\b([A-Za-z][A-Za-z0-9.-]{0,11})\b/g)) {
    const name = trimmed(word);
    if (!strange(name)) continue;
    if (sign === '$' && ((name.length <= 5 && shouted(word)) || others.has(name))) return name;
    if (shouted(word) && (others.has(name) || name.split(/[.-]/).some((part) => part.length > 1 && others.has(part))))
      return name;
  }
  for (const [spread] of seen.matchAll(/\b(?:[A-Z][ .*_/|-]{1,2}){1,6}[A-Z]\b/g)) {
    const name = spread.replace(/[^A-Z]/g, '');
    if (strange(name) && others.has(name)) return name;
  }
  for (const [, word = ''] of seen.matchAll(/\b(?:NASDAQ|NYSE|AMEX|ARCA|BATS|OTC)\s?:\s?([A-Za-z]{1,5})\b/gi))
    if (strange(trimmed(word))) return trimmed(word);
  const suspects =
    /\b(?:[Bb]uy|BUY|[Ss]ell|SELL|[Ss]hort|SHORT|[Tt]rade|[Ss]witch to|[Ss]hares of|[Tt]icker|[Ss]ymbol)\s+([A-Z]{2,5})\b/g;
  for (const [, word = ''] of seen.matchAll(suspects)) if (strange(word) && !WORDS.has(word)) return word;
  return null;
}
