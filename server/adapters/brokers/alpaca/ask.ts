import type { z } from 'zod';
import { BrokerError } from '@/server/application/ports/broker';
import { DecimalError } from '@/server/kernel/money';
import type { CallOptions, HttpClient } from './client';
import { routeOf } from './health';

/** Reads an answer, or says that it could not be read: never a guess. @throws BrokerError */
export function read<S extends z.ZodType, T>(schema: S, body: unknown, map: (value: z.output<S>) => T): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.') ?? '';
    throw new BrokerError('uncertain', `unreadable answer: ${where} ${issue?.message ?? ''}`, { status: 200 });
  }
  try {
    return map(parsed.data);
  } catch (error) {
    if (error instanceof DecimalError)
      throw new BrokerError('uncertain', `unreadable answer: ${error.message}`, { status: 200 });
    throw error;
  }
}

/** Calls the trading API and reads the answer; health hears of one that is JSON but not what it should be. @throws BrokerError */
export async function ask<S extends z.ZodType, T>(
  http: HttpClient,
  path: string,
  options: CallOptions,
  schema: S,
  map: (value: z.output<S>) => T,
): Promise<T> {
  const { body } = await http.call('trading', path, options);
  try {
    return read(schema, body, map);
  } catch (error) {
    if (error instanceof BrokerError) http.monitor.failed(routeOf(options.method, path), error);
    throw error;
  }
}
