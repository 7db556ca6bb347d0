/** External text made plain, with counts of what was removed. */
export interface PlainText {
  readonly text: string;
  /** Number of invisible, control and bidirectional characters removed. */
  readonly hidden: number;
  readonly markup: number;
  readonly truncated: boolean;
}

/** Longest part of an item that is read; the rest counts as truncated. */
const MAX_READ = 20_000;

/**
 * Characters that are invisible or change the reading order: controls, format characters (zero width, bidirectional marks and
 * isolates, tags, soft hyphen), variation selectors, fillers, private use, lone surrogates, non-characters.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu;

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function decodeEntities(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,6});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
    const code =
      name[1]?.toLowerCase() === 'x' ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
    return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : ' ';
  });
}

/** Elements whose content is not displayed. */
const UNSEEN = new Set(['script', 'style', 'template', 'noscript', 'title', 'iframe', 'object', 'svg', 'head']);
const CONCEALED =
  /\bhidden\b|display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d])|aria-hidden/i;

/** Position after the closing tag of an element that starts before `from`; the end of the text if it is not closed. */
function endOfElement(text: string, name: string, from: number): number {
  // Searches from `from` only, so that many tags stay linear. Names consist of letters, digits and hyphens.
  const closing = new RegExp(`</${name}`, 'gi');
  closing.lastIndex = from;
  const found = closing.exec(text);
  if (found === null) return text.length;
  const end = text.indexOf('>', found.index);
  return end === -1 ? text.length : end + 1;
}

/** Removes tags, comments and concealed elements in one pass. */
function stripMarkup(text: string): { text: string; count: number } {
  let out = '';
  let count = 0;
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('<', at);
    if (open === -1) break;
    const tag = /^<(!--|[!/?]?([a-z][a-z0-9-]*))/i.exec(text.slice(open, open + 40));
    if (tag === null) {
      // A lone "<" is text.
      out += text.slice(at, open + 1);
      at = open + 1;
      continue;
    }
    out += `${text.slice(at, open)} `;
    count += 1;
    at = endOfTag(text, open, tag[1] === '!--' ? '-->' : '>');
    const name = (tag[2] ?? '').toLowerCase();
    const opens = tag[1] === tag[2];
    if (opens && (UNSEEN.has(name) || CONCEALED.test(text.slice(open, at)))) at = endOfElement(text, name, at);
  }
  return { text: out + text.slice(at), count };
}

function endOfTag(text: string, open: number, close: '>' | '-->'): number {
  const end = text.indexOf(close, open);
  // An unclosed tag removes the rest of the text.
  return end === -1 ? text.length : end + close.length;
}

/** Strips markup and decodes entities alternately, at most three times, because each may hide the other. */
function unmask(raw: string): { text: string; markup: number } {
  let text = raw;
  let markup = 0;
  for (let n = 0; n < 3; n += 1) {
    const stripped = stripMarkup(text);
    const decoded = decodeEntities(stripped.text);
    markup += stripped.count;
    if (decoded === text) break;
    text = decoded;
  }
  return { text, markup };
}

/**
 * Makes external text plain: without tags, concealed content and invisible characters, entities decoded, NFKC, one line of at
 * most `limit` characters. The result is still untrusted data.
 */
export function plainText(raw: string, limit: number): PlainText {
  const read = raw.slice(0, MAX_READ);
  const unmasked = unmask(read.replace(/[\t\n\r\f\v]+/g, ' '));
  const normal = unmasked.text.normalize('NFKC');
  let hidden = 0;
  const visible = normal.replace(HIDDEN, () => {
    hidden += 1;
    return '';
  });
  const line = visible.replace(/\s+/g, ' ').trim();
  const characters = [...line];
  const truncated = raw.length > MAX_READ || characters.length > limit;
  const text = characters.length > limit ? `${characters.slice(0, limit - 1).join('')}…` : line;
  return { text, hidden, markup: unmasked.markup, truncated };
}
