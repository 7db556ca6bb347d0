import { BrokerError, type VenueInfo } from '@/server/application/ports/broker';
import { read } from './ask';
import type { AlpacaSettings, HttpClient } from './client';
import { simulatorInfoSchema } from './schema';

/** Alpaca's own hosts are known by name; whatever else must answer as the simulator does. */
function environmentOf(tradingUrl: string): VenueInfo['environment'] {
  const host = new URL(tradingUrl).hostname;
  if (host === 'paper-api.alpaca.markets') return 'PAPER';
  return host.endsWith('.alpaca.markets') ? 'LIVE' : 'SIM';
}

/** Asks the venue what it is. @throws BrokerError when it does not answer, or is neither Alpaca nor a simulator */
export async function readVenue(http: HttpClient, settings: AlpacaSettings): Promise<VenueInfo> {
  const environment = environmentOf(settings.tradingUrl);
  if (environment !== 'SIM')
    return {
      environment,
      source: `ALPACA ${environment} ${settings.feed}`,
      speed: 1,
      roundTheClock: false,
      symbols: null,
    };
  try {
    const { body } = await http.call('trading', '/sim/v1/info', { method: 'GET', timeoutMs: 2_000 });
    return read(simulatorInfoSchema, body, (info) => ({
      environment,
      source: info.label,
      speed: Math.max(1, Math.round(info.speed)),
      roundTheClock: info.round_the_clock,
      symbols: info.symbols,
    }));
  } catch (error) {
    if (error instanceof BrokerError && error.kind === 'refused' && error.status === 404) {
      throw new BrokerError('refused', `${settings.tradingUrl} is neither Alpaca nor a simulator`, { status: 404 });
    }
    throw error;
  }
}
