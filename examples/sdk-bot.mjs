// A bot on Alpaca's official SDK (npm install @alpacahq/alpaca-trade-api@4): only its addresses and keys differ from any other.
//
//     COUNTERSIGN_TOKEN=cs_... node examples/sdk-bot.mjs SPY
import { Alpaca } from '@alpacahq/alpaca-trade-api';

const gateway = process.env.COUNTERSIGN_GATEWAY ?? 'http://127.0.0.1:4020';
const token = process.env.COUNTERSIGN_TOKEN ?? '';
const symbol = process.argv[2] ?? 'SPY';

const alpaca = new Alpaca({
  keyId: token.slice(0, 9),
  secret: token,
  // The SDK knows Alpaca's hosts alone: the same requests, sent to the gateway.
  fetchApi: (input, init) => fetch(String(input).replace(/^https:\/\/[^/]+/, gateway), init),
});

const stream = alpaca.trading.stream({ url: `${gateway.replace('http', 'ws')}/stream`, reconnect: false });
const listening = new Promise((resolve) => stream.on('subscription', resolve));
const ended = new Promise((resolve) =>
  stream.onTradeUpdate(({ event, order, price }) => {
    console.log(event, order.symbol, price ?? '');
    if (['fill', 'rejected', 'canceled', 'expired'].includes(event)) resolve(event);
  }),
);
stream.subscribeTradeUpdates();
stream.connect();
await listening;

try {
  await alpaca.trading.orders.market({ symbol, qty: 1, side: 'buy' });
  await ended;
} catch (error) {
  // What the gate rejects is the SDK's own error: its message names the rules.
  console.log('refused:', error.message);
}
stream.disconnect();
