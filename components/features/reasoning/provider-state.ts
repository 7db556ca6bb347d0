import type { Display } from '@/components/status/tone';
import type { SystemDetail } from '@/components/trpc/types';
import type { MemoView } from '@/server/contracts/console/memo';
import { faultText } from './words';

type Breaker = 'CLOSED' | 'OPEN' | 'HALF_OPEN' | 'OFF';

/** State of the reasoner, from the newest worker heartbeat. */
export interface ProviderState {
  readonly provider: string;
  readonly model: string;
  readonly breaker: Breaker;
  /** Calls in progress and queued. */
  readonly running: number;
  readonly waiting: number;
  readonly lastFault: string | null;
}

export const BREAKER: Record<Breaker, Display> = {
  CLOSED: { label: 'In use', tone: 'pos', glyph: '●', hint: 'A memo is requested for each signal' },
  OPEN: { label: 'Paused', tone: 'danger', glyph: '✕', hint: 'Paused after repeated failures' },
  HALF_OPEN: { label: 'Retrying', tone: 'warn', glyph: '◌', hint: 'One call tests whether it responds again' },
  OFF: { label: 'Switched off', tone: 'neutral', glyph: '⊘', hint: 'REASONER=none: signals continue without memos' },
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

/** The reasoner's state from the newest heartbeat that has one; null where none has. */
export function providerState(workers: Pick<SystemDetail, 'workers'>['workers']): ProviderState | null {
  const beats = workers.toSorted((one, other) => other.beatAt.localeCompare(one.beatAt));
  for (const { info } of beats) {
    const state = readState(info['reasoning']);
    if (state !== null) return state;
  }
  return null;
}

/** Why memos are missing now: the provider's last fault, or the newest memo's. Null while memos arrive. */
export function presentFault(state: ProviderState, newest: MemoView | undefined): string | null {
  if (state.lastFault !== null) return state.lastFault;
  const same = newest?.provider === state.provider && newest.model === state.model;
  return same ? newest.fault : null;
}

const ADVICE: Readonly<Record<string, string>> = {
  KEY: 'Set REASONER_KEY, then restart the worker.',
  MODEL: 'Set REASONER_MODEL to a model that the provider has, then restart the worker.',
  UNREACHABLE: 'Check REASONER_URL and the network.',
  RATE_LIMITED: 'Wait, check what else uses the same key, or lower REASONER_CONCURRENCY.',
  PROVIDER: "See the provider's status page.",
  TIMEOUT: 'Use a faster model, or lower REASONER_CONCURRENCY.',
  TOO_LONG: 'Use a model that stays within 700 tokens.',
  INVALID: 'Use a model that answers in JSON.',
};

/** A fault in one line, with what to do. */
export function faultLine(fault: string): string {
  // Most faults already name the worker's variable to check.
  const advice = fault.includes('REASONER_') ? undefined : ADVICE[fault.split(':')[0] ?? ''];
  return advice === undefined ? faultText(fault) : `${faultText(fault)} ${advice}`;
}
