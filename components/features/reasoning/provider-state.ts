import type { Display } from '@/components/status/tone';
import type { SystemDetail } from '@/components/trpc/types';
import type { MemoView } from '@/server/contracts/console/memo';
import { faultText } from './words';

type Breaker = 'CLOSED' | 'OPEN' | 'HALF_OPEN' | 'OFF';

/** How the reasoner is, by the worker that beat last. */
export interface ProviderState {
  readonly provider: string;
  readonly model: string;
  readonly breaker: Breaker;
  /** Calls under way, and those that wait for a place. */
  readonly running: number;
  readonly waiting: number;
  readonly lastFault: string | null;
}

export const BREAKER: Record<Breaker, Display> = {
  CLOSED: { label: 'In use', tone: 'pos', glyph: '●', hint: 'Each signal is asked about' },
  OPEN: { label: 'Left alone', tone: 'danger', glyph: '✕', hint: 'It failed too often: nothing is asked for a while' },
  HALF_OPEN: { label: 'Trying again', tone: 'warn', glyph: '◌', hint: 'One call finds out whether it answers again' },
  OFF: { label: 'Switched off', tone: 'neutral', glyph: '⊘', hint: 'REASONER=none: signals pass without memos' },
};

function isBreaker(value: unknown): value is Breaker {
  return typeof value === 'string' && Object.hasOwn(BREAKER, value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function readState(value: unknown): ProviderState | null {
  if (!isRecord(value)) return null;
  const { provider, model, breaker, running, waiting, lastFault } = value;
  if (typeof provider !== 'string' || typeof model !== 'string' || !isBreaker(breaker)) return null;
  return {
    provider,
    model,
    breaker,
    running: typeof running === 'number' ? running : 0,
    waiting: typeof waiting === 'number' ? waiting : 0,
    lastFault: typeof lastFault === 'string' ? lastFault : null,
  };
}

/** What the newest beat of a worker that asks a reasoner says of it; null where none does. */
export function providerState(workers: Pick<SystemDetail, 'workers'>['workers']): ProviderState | null {
  const beats = workers.toSorted((one, other) => other.beatAt.localeCompare(one.beatAt));
  for (const { info } of beats) {
    const state = readState(info['reasoning']);
    if (state !== null) return state;
  }
  return null;
}

/**
 * What stands between signals and their memos now: what the provider last failed with, or why its newest memo is none.
 * Null while memos come.
 */
export function presentFault(state: ProviderState, newest: MemoView | undefined): string | null {
  if (state.lastFault !== null) return state.lastFault;
  const same = newest?.provider === state.provider && newest.model === state.model;
  return same ? newest.fault : null;
}

const ADVICE: Readonly<Record<string, string>> = {
  KEY: 'Set REASONER_KEY, then restart the worker.',
  MODEL: 'Set REASONER_MODEL to a model that the provider has, then restart the worker.',
  UNREACHABLE: 'Check REASONER_URL and the network.',
  RATE_LIMITED: 'It ends by itself; see what else uses the same key, or lower REASONER_CONCURRENCY.',
  PROVIDER: "See the provider's status page.",
  TIMEOUT: 'Take a quicker model, or lower REASONER_CONCURRENCY.',
  TOO_LONG: 'Take a model that keeps to 700 tokens.',
  INVALID: 'Take a model that answers in JSON.',
};

/** A fault in one line: what went wrong, and what a person does about it. */
export function faultLine(fault: string): string {
  // Most faults say themselves which variable of the worker to look at.
  const advice = fault.includes('REASONER_') ? undefined : ADVICE[fault.split(':')[0] ?? ''];
  return advice === undefined ? faultText(fault) : `${faultText(fault)} ${advice}`;
}
