import { BrokerError, type TradeStream, type TradeStreamEvents } from '@/server/application/ports/broker';
import { read } from './ask';
import type { AlpacaSettings } from './client';
import { BrokerHealthMonitor } from './health';
import { parseTradeUpdate } from './parse';
import { tradeUpdateSchema, tradingFrameSchema } from './schema';
import { keepConnected } from './socket';

const WATCH_MS = 1_000;

class KeysRefused extends Error {}

const because = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * `trade_updates`: authenticate, listen, then one message an event. What is missed while away must be asked for by REST. A
 * stream that says nothing of an order which the broker took in is reconnected.
 */
export function createTradeStream(
  settings: AlpacaSettings,
  monitor: BrokerHealthMonitor = new BrokerHealthMonitor(),
): TradeStream {
  function update(data: unknown, events: TradeStreamEvents): void {
    try {
      const update = read(tradeUpdateSchema, data, parseTradeUpdate);
      monitor.watch.heard(update.order.externalOrderId);
      monitor.streamSpoke();
      events.update(update);
    } catch (error) {
      // The stream goes on; reconciliation finds what this message meant.
      events.unreadable(because(error));
    }
  }

  function handle(body: unknown, send: (message: unknown) => void, ready: () => void, events: TradeStreamEvents): void {
    const parsed = tradingFrameSchema.safeParse(body);
    // Alpaca's complaints have no stream: `{action: "error", data: {error_message}}`.
    if (!parsed.success) throw new Error(`the stream sent something unknown: ${JSON.stringify(body).slice(0, 120)}`);
    const { stream, data } = parsed.data;
    if (stream === 'authorization') {
      if (data['status'] !== 'authorized') throw new KeysRefused('the broker refused the stream: check the API keys');
      send({ action: 'listen', data: { streams: ['trade_updates'] } });
    } else if (stream === 'listening') {
      ready();
      monitor.watch.forget();
      monitor.streamIs('CONNECTED');
      events.connected();
    } else if (stream === 'trade_updates') update(data, events);
  }

  return {
    start(events) {
      monitor.streamIs('CONNECTING');
      const handleOf = keepConnected(settings.tradingStreamUrl, {
        open: (send) => send({ action: 'auth', key: settings.keyId, secret: settings.secretKey }),
        message(body, send, ready) {
          try {
            handle(body, send, ready, events);
          } catch (error) {
            if (error instanceof KeysRefused)
              monitor.failed(
                'the stream of trade updates',
                new BrokerError('refused', 'unauthorized', { status: 401 }),
              );
            throw error;
          }
        },
        closed(reason) {
          monitor.streamIs('DISCONNECTED', reason);
          events.disconnected(reason);
        },
      });
      const watching = setInterval(() => {
        if (!monitor.watch.overdue()) return;
        monitor.streamSilent();
        handleOf.restart('silent: it did not report a new order');
      }, WATCH_MS);
      return {
        async close() {
          clearInterval(watching);
          await handleOf.close();
          monitor.streamIs('OFF');
        },
      };
    },
  };
}
