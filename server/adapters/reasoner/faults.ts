import { ReasonerError } from '@/server/application/ports/reasoner';
import { plainText } from '@/server/domain/reasoning/plain-text';
import { ModelHttpError } from './http';

/** Longest excerpt of a provider's error message that is shown, in characters. */
const WORDS = 160;

/** Longest part of an error body that is read, in characters. The key is removed before the cut. */
const READ = 20_000;

/**
 * Extracts the message of an error body as one plain line without keys. The key is removed before the text is cut, because a cut
 * inside the key would leave its first half.
 */
export function wordsOf(body: string, key: string | undefined): string {
  // Remove the key again after stripping markup, which may have split it.
  const without = (text: string) => (key === undefined || key === '' ? text : text.replaceAll(key, '***'));
  const line = without(plainText(without(messageIn(body)), READ).text);
  const bare = [...line.replace(/\b(sk|pk|key|Bearer)[-_ ][\w*.-]{6,}/gi, '***')];
  return bare.length > WORDS ? `${bare.slice(0, WORDS - 1).join('')}…` : bare.join('');
}

/** One message of an error body. */
export interface BodyMessage {
  readonly text: string;
  /** The provider's code or type of the error; empty where there is none. */
  readonly code: string;
  /** The parameter named by a field of its own; empty where there is none. */
  readonly parameter: string;
}

const asText = (value: unknown): string =>
  Array.isArray(value) ? value.map(asText).join('.') : typeof value === 'string' ? value.slice(0, 2_000) : '';

/** Every message in an error body, at any depth: `{error: {message, code, param}}`, `{detail: [{msg, type, loc}]}`, bare text. */
export function messagesIn(body: string): readonly BodyMessage[] {
  const found: BodyMessage[] = [];
  const walk = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 5) return;
    const { message, msg, error, detail, code, type, param, loc } = Object.fromEntries(Object.entries(value));
    const parameter = asText(param ?? loc);
    for (const each of [message, msg, error, detail]) {
      if (typeof each === 'string')
        found.push({
          text: `${parameter === '' ? '' : `${parameter}: `}${asText(each)}`,
          code: asText(code) || asText(type),
          parameter,
        });
    }
    for (const each of Object.values(value)) walk(each, depth + 1);
  };
  try {
    walk(JSON.parse(body.slice(0, READ)), 0);
  } catch {
    if (!/^\s*</.test(body)) found.push({ text: body.slice(0, 2_000), code: '', parameter: '' });
  }
  return found;
}

function messageIn(body: string): string {
  let at: unknown;
  try {
    at = JSON.parse(body);
  } catch {
    // An HTML page of a gateway is not worth showing.
    return /^\s*</.test(body) ? '' : body;
  }
  for (const name of ['error', 'message', 'detail']) {
    if (typeof at === 'object' && at !== null && name in at) at = Object.entries(at).find(([key]) => key === name)?.[1];
  }
  return typeof at === 'string' ? at : '';
}

export interface FaultContext {
  readonly model: string;
  readonly host: string;
  readonly key: string | undefined;
}

const withWords = (text: string, words: string) => (words === '' ? text : `${text}: ${words}`);

function httpFault({ status, body, retryAfterMs }: ModelHttpError, { model, host, key }: FaultContext): ReasonerError {
  const words = wordsOf(body, key);
  if (status === 401 || status === 403) {
    const what =
      key === undefined || key === '' ? 'wants a key: set REASONER_KEY' : 'refuses the key: check REASONER_KEY';
    return new ReasonerError('KEY', `${host} ${what} (HTTP ${status})`);
  }
  if (
    status === 404 ||
    (status === 400 &&
      /model.{0,80}(not (found|exist|supported)|does ?n.t exist|unknown)|(invalid|unknown|no such) model/i.test(words))
  )
    return new ReasonerError(
      'MODEL',
      withWords(
        `${host} has no model ${model}, or nothing at this address: check REASONER_MODEL and REASONER_URL`,
        words,
      ),
    );
  if (status === 429)
    return new ReasonerError('RATE_LIMITED', withWords(`${host} takes no more now`, words), retryAfterMs);
  if (status >= 300 && status < 400)
    return new ReasonerError('PROVIDER', `${host} sends the call elsewhere (HTTP ${status}): check REASONER_URL`);
  return new ReasonerError('PROVIDER', withWords(`${host} answered HTTP ${status}`, words), retryAfterMs);
}

/** Turns any failure of a call into one line for people. */
export function toReasonerError(error: unknown, context: FaultContext): ReasonerError {
  if (error instanceof ReasonerError) return error;
  const http = findHttp(error);
  if (http !== null) return httpFault(http, context);
  return new ReasonerError('PROVIDER', `the answer of ${context.host} cannot be read`);
}

/** Finds our HTTP error within the SDK's wrappers. */
export function findHttp(error: unknown): ModelHttpError | null {
  for (let at = error, n = 0; at instanceof Error && n < 4; at = at.cause, n += 1) {
    if (at instanceof ModelHttpError) return at;
  }
  return null;
}
