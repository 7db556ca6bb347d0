import type { Reasoner } from '@/server/application/ports/reasoner';
import { repairPrompt } from '@/server/domain/reasoning/prompt';

export type Turn = { readonly role: 'user' | 'assistant'; readonly text: string };

type Counter = Pick<Reasoner, 'countTokens' | 'overhead'>;

/** Tokens reserved in the first prompt for a repair prompt. */
export const REPAIR_ROOM = 300;
/** Longest quote of an invalid answer in the repair prompt. */
const QUOTED_CHARACTERS = 2_000;
const LEFT_OUT = '(left out)';

/** Upper bound of the provider's token count for a whole call. */
export function tokensOfCall({ countTokens, overhead }: Counter, system: string, turns: readonly Turn[]): number {
  const texts = [system, ...turns.map(({ text }) => text)];
  return texts.reduce((sum, text) => sum + overhead.message + countTokens(text), overhead.call);
}

/** Token limit for the texts of a first prompt (system and one turn) together. */
export const roomForPrompt = ({ overhead }: Counter, maxTokens: number): number =>
  maxTokens - overhead.call - 2 * overhead.message - REPAIR_ROOM;

/**
 * Builds the turns that ask for a repair within `maxTokens`. The invalid answer and its fault are quoted as far as they fit.
 * Null if not even a request without quotes fits.
 */
export function repairTurns(
  counter: Counter,
  system: string,
  asked: Turn,
  answer: string,
  fault: string,
  maxTokens: number,
): readonly Turn[] | null {
  const turns = (quote: string, what: string): readonly Turn[] => [
    asked,
    { role: 'assistant', text: quote || LEFT_OUT },
    { role: 'user', text: repairPrompt(what) },
  ];
  const fits = (candidate: readonly Turn[]) => tokensOfCall(counter, system, candidate) <= maxTokens;
  for (let kept = Math.min(answer.length, QUOTED_CHARACTERS); kept >= 50; kept = Math.floor(kept / 2)) {
    // Do not cut a surrogate pair in two.
    const candidate = turns(answer.slice(0, kept).replace(/[\ud800-\udbff]$/, ''), fault);
    if (fits(candidate)) return candidate;
  }
  for (const what of [fault, 'it was not a memo of the schema']) {
    const candidate = turns('', what);
    if (fits(candidate)) return candidate;
  }
  return null;
}
