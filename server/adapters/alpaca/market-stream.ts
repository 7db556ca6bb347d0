import type { StreamHandle } from '@/server/application/ports/broker';
import type { MarketStreamEvents } from '@/server/application/ports/market-data';
import { read } from './ask';
import type { AlpacaSettings } from './client';
import { parseBar, parseQuote } from './parse';
import { barSchema, marketFrameSchema, quoteSchema } from './schema';
import { keepConnected } from './socket';

/** Quotes and closed 1-minute bars: connect, authenticate, subscribe. */
export function createMarketStream(
  settings: AlpacaSettings,
  symbols: readonly string[],
  events: MarketStreamEvents,
): StreamHandle {
  function one(
    message: { T: string; S?: string | undefined; [field: string]: unknown },
    send: (message: unknown) => void,
    ready: () => void,
  ): void {
    const symbol = message.S ?? '';
    switch (message.T) {
      case 'success':
        if (message['msg'] === 'authenticated') send({ action: 'subscribe', quotes: symbols, bars: symbols });
        return;
      case 'subscription':
        ready();
        events.connected();
        return;
      case 'error':
        throw new Error(`the market data stream refused: ${String(message['msg'])}`);
      case 'q':
        guarded(() => events.quote(read(quoteSchema, message, (quote) => parseQuote(symbol, quote))));
        return;
      case 'b':
        guarded(() => events.bar(read(barSchema, message, (bar) => parseBar(symbol, bar))));
        return;
      default:
        // Trades, statuses and whatever else comes later are not asked for.
        return;
    }
  }

  function guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      events.unreadable(error instanceof Error ? error.message : String(error));
    }
  }

  return keepConnected(settings.marketStreamUrl, {
    open: (send) => send({ action: 'auth', key: settings.keyId, secret: settings.secretKey }),
    message(body, send, ready) {
      for (const message of marketFrameSchema.parse(body)) one(message, send, ready);
    },
    closed: (reason) => events.disconnected(reason),
  });
}
