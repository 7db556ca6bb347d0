import { describeBrokerFaults } from '../testing/fault-cells';
import { theirBooks } from '../testing/stack';

/** Nothing fills a limit so far below the market. */
const FAR_BELOW = '1';

describeBrokerFaults('the Alpaca adapter, at the simulator', async (stack) => {
  const faults = async (switches: object) => void (await stack.sim('PUT', '/sim/v1/faults', switches));
  return {
    workerEnv: {},
    quote: async (symbol, bid, ask) =>
      void (await stack.sim('POST', '/sim/v1/control', { quote: { symbol, bid, ask } })),
    loseNextReply: () => faults({ drop_reply_after_accept: 1 }),
    refuseNextCancel: () => faults({ refuse_cancels: 1 }),
    fillOnNextCancel: () => faults({ fill_on_cancel: 1 }),
    async placeElsewhere(symbol) {
      const terms = { symbol, qty: '1', side: 'buy', type: 'stop_limit', time_in_force: 'day' };
      await stack.sim('POST', '/v2/orders', { ...terms, stop_price: '200', limit_price: FAR_BELOW });
    },
    restart: () => stack.restartSimulator(),
    books: () => theirBooks(stack),
    clientOrderIds: async () => (await stack.brokerOrders()).map((order) => order.client_order_id),
    close: async () => undefined,
  };
});
