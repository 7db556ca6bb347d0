import type { BotAsset } from '@/server/application/ports/bot-account';
import { assetId } from '../alpaca/asset-id';
import { notFound } from '../errors';
import type { Route } from '../route';

function presentAsset({ symbol, tradable, fractionable, exchange, name }: BotAsset): object {
  return {
    id: assetId(symbol),
    class: 'us_equity',
    exchange: exchange ?? '',
    symbol,
    name: name ?? symbol,
    status: tradable ? 'active' : 'inactive',
    tradable,
    marginable: false,
    shortable: false,
    easy_to_borrow: false,
    borrow_status: 'hard_to_borrow',
    fractionable,
    maintenance_margin_requirement: 100,
    margin_requirement_long: '100',
    margin_requirement_short: '100',
    attributes: [],
  };
}

/** The symbols that the policy names: the worker has asked the broker about no others. */
export const assetRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v2/assets',
    scope: 'market:read',
    handle: async ({ services, query }) => {
      const [status, assetClass, exchange] = [query.get('status'), query.get('asset_class'), query.get('exchange')];
      const wanted = (asset: BotAsset): boolean =>
        (status === null || status === (asset.tradable ? 'active' : 'inactive')) &&
        (assetClass === null || assetClass === 'us_equity') &&
        (exchange === null || exchange === asset.exchange);
      return { status: 200, body: (await services.account.assets()).filter(wanted).map(presentAsset) };
    },
  },
  {
    method: 'GET',
    path: '/v2/assets/:name',
    scope: 'market:read',
    handle: async ({ services, name }) => {
      const asset = (await services.account.assets()).find(
        ({ symbol }) => symbol === name.toUpperCase() || assetId(symbol) === name.toLowerCase(),
      );
      if (asset === undefined) throw notFound(`asset not found for ${name.slice(0, 64)}`);
      return { status: 200, body: presentAsset(asset) };
    },
  },
];
