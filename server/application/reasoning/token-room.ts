import type { Reasoner } from '@/server/application/ports/reasoner';
import { repairPrompt } from '@/server/domain/reasoning/prompt';

export type Turn = { readonly role: 'user' | 'assistant'; readonly text: string };

type Counter = Pick<Reasoner, 'countTokens' | 'overhead'>;

/** Kept free in the first prompt, so that there is always room to ask for a repair. */
export const REPAIR_ROOM = 300;
/** Of a bad answer, at most this much goes back with the repair prompt. */
const QUOTED_CHARACTERS = 2_000;
const LEFT_OUT = '(left out)';

/** Tokens of a whole call as the provider will count them, or more. */
export function tokensOfCall({ countTokens, overhead }: Counter, system: string, turns: readonly Turn[]): number {
  const texts = [system, ...turns.map(({ text }) => text)];
  return texts.reduce((sum, text) => sum + overhead.message + countTokens(text), overhead.call);
}

/** What the texts of a first prompt (system and one turn) may have together. */
export const roomForPrompt = ({ overhead }: Counter, maxTokens: number): number =>
  maxTokens - overhead.call - 2 * overhead.message - REPAIR_ROOM;

/**
 * The turns that ask for a repair, within `maxTokens`: what was answered is quoted as far as there is room, the fault too.
 * Null when there is none even so.
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
    // A pair cut in two is no text.
    const candidate = turns(answer.slice(0, kept).replace(/[\ud800-\udbff]$/, ''), fault);
    if (fits(candidate)) return candidate;
  }
  for (const what of [fault, 'it was not a memo of the schema']) {
    const candidate = turns('', what);
    if (fits(candidate)) return candidate;
  }
  return null;
}
