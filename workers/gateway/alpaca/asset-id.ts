import { uuidFromText } from '@/server/domain/strategy';

/** Alpaca names an asset by a UUID too. Ours is made from the symbol: the broker's own is not needed for anything. */
export const assetId = (symbol: string): string => uuidFromText(`asset ${symbol}`);
