import { findHttp, messagesIn } from './faults';

/** What a server takes of the request's optional parts. Only its own word that it does not support one changes that. */
export interface Dialect {
  /** A schema for the answer; without it the prompt alone asks for JSON. */
  schema: boolean;
  /** Its name for the limit of the output. */
  limitName: 'max_tokens' | 'max_completion_tokens';
  temperature: boolean;
}

export type DialectPart = keyof Dialect;

/** A request that is too large is no question of parameters, whatever else the message names. */
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

/** How servers say that they do not support a parameter. */
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
 * The part of a request that a server has refused as unsupported; null where it refused it for anything else.
 * @param sent the dialect of that request
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

/** The dialect without a part that is not supported; the output limit has two names. */
export function changeDialect(dialect: Dialect, part: DialectPart): void {
  if (part === 'limitName')
    dialect.limitName = dialect.limitName === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  else dialect[part] = false;
}
