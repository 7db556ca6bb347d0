import { findHttp, messagesIn } from './faults';

/** The optional request parameters that a server supports. Only an "unsupported parameter" error changes them. */
export interface Dialect {
  /** Whether the answer's JSON schema is sent; otherwise only the prompt asks for JSON. */
  schema: boolean;
  /** The server's name for the output limit. */
  limitName: 'max_tokens' | 'max_completion_tokens';
  temperature: boolean;
}

export type DialectPart = keyof Dialect;

/** Errors about the size of a request often name a parameter, but do not make it unsupported. */
const TOO_LARGE = /context (length|window|size)|too (large|long|many)|exceed|at most|maximum|must be (less|greater)/i;

const CODES = /^(unsupported|unknown|unrecognized|unexpected)_(parameter|value|argument|field)$|^extra_forbidden$/i;

const NAMES: Readonly<Record<DialectPart, (dialect: Dialect) => string>> = {
  schema: () =>
    '(?:response[_ ]formats?|json[_ ]schema|response[_ ]schema|guided[_ ](?:json|decoding)|structured[_ ]outputs?)',
  limitName: ({ limitName }) => limitName,
  temperature: () => 'temperature',
};

const Q = '["\'`]?';
const NOT_TAKEN = '(?:supported|permitted|allowed|recogni[sz]ed|available|implemented)';

/** Wordings by which servers report an unsupported parameter. */
const wordings = (name: string): readonly string[] => [
  `\\b(?:unsupported|unknown|unrecogni[sz]ed|unexpected|extra)(?: (?:request|body|keyword|input))?(?: (?:parameter|argument|field|key|property|option|value|name)s?)?(?: (?:supplied|provided))?:? ?${Q}${name}\\b`,
  `\\bunknown name .{0,60} at .{0,60}\\b${name}\\b`,
  `\\b${name}\\b${Q}:?(?: [^ ]+){0,4}? (?:is|are)(?: not|n't| no longer) (?:currently |yet )?${NOT_TAKEN}`,
  `\\b${name}\\b${Q}:?(?: [^ ]+){0,4}? (?:is|are) (?:unsupported|unavailable|deprecated)`,
  `\\b${name}\\b${Q}:? (?:not ${NOT_TAKEN}|unsupported|does(?: not|n't) support|extra inputs are not permitted)`,
  `\\bdoes(?: not|n't) (?:support|accept|allow|take) (?:the )?(?:(?:parameter|field|use of) )?${Q}${name}\\b`,
  `\\b${name}\\b.{0,80} but got:? ${Q}json_schema`,
];

/**
 * Returns the request parameter that the server reported as unsupported, or null for any other error.
 * @param sent the dialect of the refused request
 */
export function unsupportedPart(error: unknown, sent: Dialect): DialectPart | null {
  const http = findHttp(error);
  if (http === null || (http.status !== 400 && http.status !== 422)) return null;
  const messages = messagesIn(http.body);
  for (const part of ['schema', 'limitName', 'temperature'] as const) {
    if (part !== 'limitName' && !sent[part]) continue;
    const name = NAMES[part](sent);
    const named = new RegExp(`\\b${name}\\b`, 'i');
    const worded = new RegExp(wordings(name).join('|'), 'i');
    for (const { text, code, parameter } of messages) {
      if (TOO_LARGE.test(text)) continue;
      if (worded.test(text) || (CODES.test(code) && named.test(parameter))) return part;
    }
  }
  return null;
}

/** Stops using an unsupported parameter; the output limit switches to its other name. */
export function changeDialect(dialect: Dialect, part: DialectPart): void {
  if (part === 'limitName')
    dialect.limitName = dialect.limitName === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  else dialect[part] = false;
}
