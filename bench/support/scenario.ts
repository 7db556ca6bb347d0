/** A strategy that trades now and then, with fees. */
export const SCENARIO = JSON.stringify({
  scenario: 1,
  name: 'bench',
  start: '2015-01-01T00:00:00.000Z',
  cash: '100000',
  exchange: { mode: 'bars', fee_per_share: '0.005', fee_min: '1' },
  strategies: [{ name: 'ema-cross', symbol: 'SPY', params: { fast: 50, slow: 200 } }],
});
