import { z } from 'zod';
import { type RefusalView, refusalSchema } from '@/server/contracts/console/common';
import type { Outcome, Refusal } from '@/server/kernel/outcome';

/** Output schema of a command: its result, or a refusal. A refusal is an answer, not an error. */
export function outcomeSchema<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.discriminatedUnion('ok', [z.object({ ok: z.literal(true), ...shape }), refusalSchema]);
}

function isRefusal<T>(outcome: Outcome<T>): outcome is Refusal {
  return !outcome.ok;
}

export function toOutcome<T extends object>(outcome: Outcome<T>): ({ readonly ok: true } & T) | RefusalView {
  if (!isRefusal(outcome)) return outcome;
  return { ok: false, code: outcome.code, message: outcome.message, reasons: [...(outcome.reasons ?? [])] };
}
