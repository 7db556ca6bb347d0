import type { NodeConnectionOptions } from '@nats-io/transport-node';

/** Times of the connection. A server that is gone is noticed within two pings. */
const TIMES = {
  timeout: 2_000,
  pingInterval: 5_000,
  maxPingOut: 2,
  reconnectTimeWait: 250,
  reconnectJitter: 100,
  maxReconnectAttempts: -1,
} as const;

/**
 * Connection options of `nats://[user:password@]host:port` (or `nats://token@host:port`; `tls://` for encryption).
 * @throws TypeError when it is no address
 */
export function natsOptions(url: string, name: string): NodeConnectionOptions {
  const parsed = new URL(url);
  const user = decodeURIComponent(parsed.username);
  const pass = decodeURIComponent(parsed.password);
  const credentials = user === '' ? {} : pass === '' ? { token: user } : { user, pass };
  return {
    ...TIMES,
    ...credentials,
    ...(parsed.protocol === 'tls:' ? { tls: {} } : {}),
    servers: `${parsed.hostname}:${parsed.port === '' ? '4222' : parsed.port}`,
    name,
  };
}
