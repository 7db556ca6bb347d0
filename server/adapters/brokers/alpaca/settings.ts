import type { BrokerSettings } from '@/server/application/ports/broker-gateway';
import type { AlpacaSettings } from './client';

const FEED = 'iex';
/** Alpaca's limit of an account; plans with more are set by BROKER_REQUESTS_PER_MINUTE. */
const ALPACA_REQUESTS_PER_MINUTE = 200;

/** Alpaca's key ids begin with PK for the paper account and with AK for the live one. */
const KEY_KINDS = [
  { prefix: 'PK', account: 'paper', host: 'paper-api.alpaca.markets' },
  { prefix: 'AK', account: 'live', host: 'api.alpaca.markets' },
] as const;

/** What to do about keys that the broker refuses: names the variable that is wrong where that can be seen. */
function keyAdvice(env: BrokerSettings, tradingUrl: string): string {
  const unset = (['BROKER_KEY_ID', 'BROKER_SECRET_KEY'] as const).filter((name) => env[name] === undefined);
  if (unset.length > 0) return `set ${unset.join(' and ')}, then restart the worker`;
  const { hostname } = new URL(tradingUrl);
  const venue = KEY_KINDS.find(({ host }) => host === hostname);
  const kind = KEY_KINDS.find(({ prefix }) => env.BROKER_KEY_ID?.startsWith(prefix));
  if (venue !== undefined && kind !== undefined && venue !== kind)
    return `BROKER_KEY_ID begins with ${kind.prefix} and belongs to a ${kind.account} account, but BROKER_URL is the ${venue.account} address: change one of them, then restart the worker`;
  return 'check BROKER_KEY_ID and BROKER_SECRET_KEY, then restart the worker';
}

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
    keyAdvice: keyAdvice(env, tradingUrl),
    feed: FEED,
    // A simulator limits nothing unless its answers say so.
    requestsPerMinute: env.BROKER_REQUESTS_PER_MINUTE ?? (atAlpaca ? ALPACA_REQUESTS_PER_MINUTE : null),
  };
}
