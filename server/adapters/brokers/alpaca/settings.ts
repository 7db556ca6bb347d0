import type { BrokerSettings } from '@/server/application/ports/broker-gateway';
import type { AlpacaSettings } from './client';

const FEED = 'iex';
/** Alpaca's limit of an account; plans with more are set by BROKER_REQUESTS_PER_MINUTE. */
const ALPACA_REQUESTS_PER_MINUTE = 200;

const trimmed = (url: string) => url.replace(/\/+$/, '');
const socketOf = (url: string) => trimmed(url).replace(/^http/, 'ws');

/** Addresses and keys. Without an address everything points at the simulator on this machine, which takes any keys. */
export function alpacaSettings(env: BrokerSettings): AlpacaSettings {
  const tradingUrl = trimmed(env.BROKER_URL ?? `http://127.0.0.1:${env.SIMULATOR_PORT}`);
  const atAlpaca = new URL(tradingUrl).hostname.endsWith('.alpaca.markets');
  const marketDataUrl = trimmed(env.MARKET_DATA_URL ?? (atAlpaca ? 'https://data.alpaca.markets' : tradingUrl));
  const marketHost = new URL(marketDataUrl).hostname;
  const marketSocket =
    marketHost === 'data.alpaca.markets' ? 'wss://stream.data.alpaca.markets' : socketOf(marketDataUrl);
  return {
    tradingUrl,
    marketDataUrl,
    tradingStreamUrl: env.BROKER_STREAM_URL ?? `${socketOf(tradingUrl)}/stream`,
    marketStreamUrl: env.MARKET_STREAM_URL ?? `${marketSocket}/v2/${FEED}`,
    keyId: env.BROKER_KEY_ID ?? 'simulator',
    secretKey: env.BROKER_SECRET_KEY ?? 'simulator',
    feed: FEED,
    // A simulator limits nothing unless its answers say so.
    requestsPerMinute: env.BROKER_REQUESTS_PER_MINUTE ?? (atAlpaca ? ALPACA_REQUESTS_PER_MINUTE : null),
  };
}
