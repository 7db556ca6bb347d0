import type { OpenBroker } from '@/server/application/ports/broker-gateway';
import { createAlpacaBroker } from './broker';
import { createHttpClient } from './client';
import { createAlpacaMarketData } from './market-data';
import { countCalls, urgent } from './metered';
import { createAlpacaNews } from './news';
import { alpacaSettings } from './settings';
import { createSuspension } from './suspension';
import { createTradeStream } from './trade-stream';
import { readVenue } from './venue';

/** Alpaca's Trading and Market Data APIs, live or paper, or the bundled simulator, which speaks the same protocol. */
export const openAlpaca: OpenBroker = (env) => {
  const settings = alpacaSettings(env);
  const http = createHttpClient(settings);
  return {
    address: settings.tradingUrl,
    venue: () => readVenue(http, settings),
    broker: createAlpacaBroker(http),
    urgent: urgent(http),
    metered() {
      const { http: counted, counts } = countCalls(http);
      return { broker: createAlpacaBroker(counted), counts };
    },
    tradeStream: createTradeStream(settings, http.monitor),
    marketData: createAlpacaMarketData(http, settings),
    news: createAlpacaNews(http),
    newsName: 'alpaca',
    suspension: createSuspension(http),
    health: () => http.health(),
    announcedLimit: () => http.announcedLimit(),
    close: () => http.close(),
  };
};
