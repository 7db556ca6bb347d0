import { TRPCError } from '@trpc/server';
import { describe, expect, it } from 'vitest';
import { toApiError } from './errors';

describe('toApiError', () => {
  it.each(['57P01', '08006', 'P1001', 'ECONNREFUSED', '55P03'])(
    'takes %s for a database that does not answer',
    (code) => {
      expect(toApiError(Object.assign(new Error('secret detail'), { code }))).toMatchObject({
        code: 'SERVICE_UNAVAILABLE',
      });
    },
  );

  it('does not pass on what an unexpected error said', () => {
    const error = toApiError(new Error('password=hunter2'));
    expect(error.code).toBe('INTERNAL_SERVER_ERROR');
    expect(error.message).not.toContain('hunter2');
  });

  it('leaves an error that was meant as it is', () => {
    const meant = new TRPCError({ code: 'NOT_FOUND' });
    expect(toApiError(meant)).toBe(meant);
  });
});
