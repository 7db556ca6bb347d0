import { z } from 'zod';
import type { TradingSuspension } from '@/server/application/ports/break-glass';
import { ask } from './ask';
import type { HttpClient } from './client';

const PATH = '/v2/account/configurations';
const TIMEOUT_MS = 5_000;
const configuration = z.looseObject({ suspend_trade: z.boolean() });

/** Alpaca's account configuration `suspend_trade`: new orders are refused while it is on. Asked for before all else. */
export function createSuspension(http: HttpClient): TradingSuspension {
  const options = { priority: 'cancel', timeoutMs: TIMEOUT_MS } as const;
  return {
    suspended: () => ask(http, PATH, { ...options, method: 'GET' }, configuration, (found) => found.suspend_trade),
    async suspend(value) {
      const body = { suspend_trade: value };
      await ask(http, PATH, { ...options, method: 'PATCH', body }, configuration, () => undefined);
    },
  };
}
