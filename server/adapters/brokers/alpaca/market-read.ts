import type { z } from 'zod';
import { BrokerError } from '@/server/application/ports/broker';
import type { OnRefused } from '@/server/application/ports/market-data';
import { read } from './ask';
import { textField } from './items';
import { symbolOf } from './symbol';

/** Of text that is not ours, in what is shown and logged. */
const BRIEF = 60;

/** Reads one item of market data; what cannot be read is reported to `refused` and gives null. */
export function readItem<S extends z.ZodType, T>(
  schema: S,
  symbolText: unknown,
  value: unknown,
  map: (symbol: string, value: z.output<S>) => T,
  refused: OnRefused,
): T | null {
  const symbol = symbolOf(symbolText);
  if (symbol === null) {
    refused({
      reason: 'bad_symbol',
      symbol: null,
      atMs: null,
      detail: JSON.stringify(symbolText ?? null).slice(0, BRIEF),
    });
    return null;
  }
  try {
    return read(schema, value, (parsed) => map(symbol, parsed));
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    const atMs = Date.parse(textField(value, 't') ?? '');
    refused({ reason: 'unreadable', symbol, atMs: Number.isNaN(atMs) ? null : atMs, detail: error.message });
    return null;
  }
}
