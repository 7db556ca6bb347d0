import { describe, expect, it } from 'vitest';
import { staleQueries } from './topics';

describe('staleQueries', () => {
  it.each(['order.created', 'order.submitted', 'order.filled', 'order.cancel_requested'])(
    '%s touches orders',
    (topic) => {
      expect(staleQueries(topic)).toContainEqual(['orders']);
    },
  );

  it('a requested approval touches the queue and the top bar', () => {
    expect(staleQueries('approval.requested')).toEqual(expect.arrayContaining([['approvals'], ['system', 'status']]));
  });

  it('a halt touches the top bar', () => {
    expect(staleQueries('trading.halt.acknowledged')).toContainEqual(['system', 'status']);
  });

  it('a closed bar touches the market alone', () => {
    expect(staleQueries('market.bar.closed')).toEqual([['market']]);
  });

  it.each(['market.quote.updated', 'something.else', ''])('%s touches nothing', (topic) => {
    expect(staleQueries(topic)).toEqual([]);
  });
});
