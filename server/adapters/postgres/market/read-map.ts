import { type ZodType, z } from 'zod';
import type { RuleHit } from '@/server/contracts/console/common';
import { ruleHitSchema } from '@/server/contracts/console/common';

/** A database decimal as Prisma gives it, or text cast by the query; text without an exponent leaves this folder. */
export type DecimalLike = string | { toFixed(): string };

export function text(value: DecimalLike): string {
  return typeof value === 'string' ? value : value.toFixed();
}

export function textOrNull(value: DecimalLike | null): string | null {
  return value === null ? null : text(value);
}

export function iso(value: Date): string {
  return value.toISOString();
}

export function isoOrNull(value: Date | null): string | null {
  return value === null ? null : value.toISOString();
}

/** Stored text that must be one of a known set. @throws Error naming the column, since guessing would mislead */
export function oneOf<T>(schema: ZodType<T>, value: unknown, column: string): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Error(`${column} holds ${JSON.stringify(value)}, which is not a known value`);
  return parsed.data;
}

const hitsSchema = z.array(ruleHitSchema.partial().required({ code: true }));

/** Rule hits as stored; fields that an older version did not write are empty text. */
export function ruleHits(value: unknown): RuleHit[] {
  return oneOf(hitsSchema, value, 'reasons').map((hit) => ({
    code: hit.code,
    tier: hit.tier ?? '',
    observed: hit.observed ?? '',
    threshold: hit.threshold ?? '',
    message: hit.message ?? '',
  }));
}

const recordSchema = z.record(z.string(), z.unknown());

export function jsonRecord(value: unknown): Record<string, unknown> {
  const parsed = recordSchema.safeParse(value);
  return parsed.success ? parsed.data : {};
}

/** Prisma puts the text into LIKE as it is: its wildcards are made plain characters. */
export function literal(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}
