import type { BrokerAsset } from '@/server/application/ports/broker';
import type { Held, RoleContext } from '../runtime/role';

const READ_AGAIN_MS = 3_600_000;
const RETRY_MS = 10_000;

/**
 * Asks the broker which symbols take fractions of a share, at once and each hour. A symbol that could not be asked about, or
 * that the broker does not know, is traded in whole shares.
 */
export async function keepAssets(role: RoleContext, held: Held, symbolsNow: () => readonly string[]): Promise<void> {
  const { parts, log } = role;
  while (!held.signal.aborted) {
    const symbols = symbolsNow();
    let leftMs = READ_AGAIN_MS;
    try {
      const assets: BrokerAsset[] = [];
      for (const symbol of symbols) {
        const asset = await parts.broker.asset(symbol);
        assets.push(asset ?? { symbol, tradable: false, fractionable: false, exchange: null, name: null });
      }
      await role.persist(() => parts.market.writeAssets(assets));
    } catch (error) {
      log.debug({ err: error }, 'what the broker says of the symbols could not be read');
      leftMs = RETRY_MS;
    }
    // Other symbols are asked about at once.
    for (; leftMs > 0 && symbolsNow() === symbols && !held.signal.aborted; leftMs -= RETRY_MS)
      await parts.clock.sleep(Math.min(leftMs, RETRY_MS), held.signal);
  }
}
