import { createHash } from 'node:crypto';

export interface Asset {
  readonly id: string;
  readonly symbol: string;
  readonly name: string;
  readonly exchange: 'NASDAQ' | 'ARCA' | 'NYSE';
  /** The consolidated tape that quotes carry. */
  readonly tape: 'A' | 'B' | 'C';
}

const KNOWN: Readonly<Record<string, Pick<Asset, 'name' | 'exchange' | 'tape'>>> = {
  AAPL: { name: 'Apple Inc. Common Stock', exchange: 'NASDAQ', tape: 'C' },
  AMZN: { name: 'Amazon.com Inc. Common Stock', exchange: 'NASDAQ', tape: 'C' },
  MSFT: { name: 'Microsoft Corporation Common Stock', exchange: 'NASDAQ', tape: 'C' },
  NVDA: { name: 'NVIDIA Corporation Common Stock', exchange: 'NASDAQ', tape: 'C' },
  SPY: { name: 'SPDR S&P 500 ETF Trust', exchange: 'ARCA', tape: 'B' },
};

function assetOf(symbol: string, kind: string): Asset {
  const digest = createHash('sha256').update(`asset|${symbol}`).digest('hex');
  const id = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-4${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
  const known = KNOWN[symbol] ?? { name: symbol, exchange: 'NYSE', tape: 'A' };
  return { id, symbol, ...known, name: `${known.name} (${kind} prices)` };
}

/** The symbols that trade here, found by symbol or id. */
export class Assets {
  private readonly bySymbol = new Map<string, Asset>();
  private readonly byId = new Map<string, Asset>();

  constructor(symbols: readonly string[], source: 'SYNTHETIC' | 'RECORDED') {
    for (const symbol of [...symbols].sort()) {
      const asset = assetOf(symbol, source.toLowerCase());
      this.bySymbol.set(symbol, asset);
      this.byId.set(asset.id, asset);
    }
  }

  list(): Asset[] {
    return [...this.bySymbol.values()];
  }

  find(symbolOrId: string): Asset | undefined {
    return this.bySymbol.get(symbolOrId) ?? this.byId.get(symbolOrId);
  }
}

/** An asset as `GET /v2/assets` shows it. */
export function presentAsset(asset: Asset): object {
  return {
    id: asset.id,
    class: 'us_equity',
    exchange: asset.exchange,
    symbol: asset.symbol,
    name: asset.name,
    status: 'active',
    tradable: true,
    marginable: false,
    shortable: false,
    easy_to_borrow: false,
    borrow_status: 'hard_to_borrow',
    fractionable: true,
    maintenance_margin_requirement: 100,
    margin_requirement_long: '100',
    margin_requirement_short: '100',
    attributes: [],
  };
}
