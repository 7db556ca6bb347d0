import { NONE } from '@/components/format/number';

/** The plain values of a free-form record on one line. */
export function infoText(info: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(info)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([key, value]) => `${key} ${String(value)}`);
  return parts.length === 0 ? NONE : parts.join(' · ');
}
