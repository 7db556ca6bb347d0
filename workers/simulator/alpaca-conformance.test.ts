import { expect } from 'vitest';
import { describeBrokerConformance } from '@/server/adapters/brokers/testing/conformance';
import { openBroker } from '@/server/composition/brokers';
import { KEY_ID, SECRET_KEY, TestSimulator } from './testing/harness';

describeBrokerConformance('the Alpaca adapter, at the simulator,', async () => {
  const simulator = await TestSimulator.start();
  const gateway = openBroker({
    BROKER: 'alpaca',
    SIMULATOR_PORT: Number(new URL(simulator.url).port),
    BROKER_KEY_ID: KEY_ID,
    BROKER_SECRET_KEY: SECRET_KEY,
  });
  const faults = (switches: object) => simulator.json('PUT', '/sim/v1/faults', switches);
  return {
    gateway,
    symbol: 'AAPL',
    washTradeRefusal: { status: 403, code: '40310000', message: expect.stringContaining('wash trade') },
    quote: async (bid, ask) => void (await simulator.quote('AAPL', bid, ask)),
    loseNextReply: async () => void (await faults({ drop_reply_after_accept: 1 })),
    refuseNextCancel: async () => void (await faults({ refuse_cancels: 1 })),
    async close() {
      await gateway.close();
      await simulator.dispose();
    },
  };
});
