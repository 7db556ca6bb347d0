import type { TradeStream, TradeStreamEvents } from '@/server/application/ports/broker';
import { read } from './ask';
import type { AlpacaSettings } from './client';
import { parseTradeUpdate } from './parse';
import { tradeUpdateSchema, tradingFrameSchema } from './schema';
import { keepConnected } from './socket';

/** `trade_updates`: authenticate, listen, then one message an event. What is missed while away must be asked for by REST. */
export function createTradeStream(settings: AlpacaSettings): TradeStream {
  function handle(body: unknown, send: (message: unknown) => void, events: TradeStreamEvents): void {
    const frame = tradingFrameSchema.parse(body);
    if (frame.stream === 'authorization') {
      if (frame.data['status'] !== 'authorized') throw new Error('the broker refused the stream: check the API keys');
      send({ action: 'listen', data: { streams: ['trade_updates'] } });
    } else if (frame.stream === 'listening') {
      events.connected();
    } else if (frame.stream === 'trade_updates') {
      try {
        events.update(read(tradeUpdateSchema, frame.data, parseTradeUpdate));
      } catch (error) {
        // The stream goes on; reconciliation finds what this message meant.
        events.unreadable(error instanceof Error ? error.message : String(error));
      }
    }
  }

  return {
    start: (events) =>
      keepConnected(settings.tradingStreamUrl, {
        open: (send) => send({ action: 'auth', key: settings.keyId, secret: settings.secretKey }),
        message: (body, send) => handle(body, send, events),
        closed: (reason) => events.disconnected(reason),
      }),
  };
}
