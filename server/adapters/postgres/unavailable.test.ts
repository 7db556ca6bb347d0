import { describe, expect, it } from 'vitest';
import { BrokerError } from '@/server/application/ports/broker';
import { isDatabaseUnavailable } from './unavailable';

const withCode = (code: string, more: object = {}) => Object.assign(new Error('failed'), { code, ...more });

describe('isDatabaseUnavailable', () => {
  it.each([
    // Each of the three classifiers that this one replaced knew codes that the others did not.
    ['08006', '53300', '57P01', '57014', '55P03', '40001', '40P01', '25P03'],
    ['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2037'],
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH'],
  ])('takes %s and the like for a database that is away', (...codes) => {
    for (const code of codes) expect(isDatabaseUnavailable(withCode(code)), code).toBe(true);
  });

  it('knows the messages of drivers that give no code', () => {
    for (const message of ['Connection terminated unexpectedly', 'timeout exceeded when trying to connect']) {
      expect(isDatabaseUnavailable(new Error(message)), message).toBe(true);
    }
  });

  it('finds the cause, and the attempts of a connection to several addresses', () => {
    expect(isDatabaseUnavailable(new Error('query failed', { cause: withCode('57P03') }))).toBe(true);
    expect(isDatabaseUnavailable(new AggregateError([withCode('ECONNREFUSED')]))).toBe(true);
  });

  it.each([
    ['a violated constraint', withCode('23514')],
    ['missing permission', withCode('42501')],
    ['a missing table', withCode('42P01')],
    ['wrong password', withCode('28P01')],
    ['a missing file', withCode('ENOENT', { syscall: 'open' })],
    ['a fault of this code', new TypeError('undefined is not a function')],
    ['no error at all', 'ECONNREFUSED'],
    [
      'a broker that does not answer',
      Object.assign(new BrokerError('uncertain', 'no answer'), { cause: withCode('ECONNREFUSED') }),
    ],
  ])('does not take %s for it', (_, error) => {
    expect(isDatabaseUnavailable(error)).toBe(false);
  });

  it('takes a missing Unix socket for a database that is away', () => {
    expect(isDatabaseUnavailable(withCode('ENOENT', { syscall: 'connect' }))).toBe(true);
  });
});
