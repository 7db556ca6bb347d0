import { symbolSchema } from '@/server/contracts/symbol';

/** A symbol as we write it, or null for what cannot be one. */
export function symbolOf(text: unknown): string | null {
  const parsed = symbolSchema.safeParse(text);
  return parsed.success ? parsed.data : null;
}
