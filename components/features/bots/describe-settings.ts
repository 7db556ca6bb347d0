import { formatPct } from '@/components/format/number';
import type { BotRow } from '@/components/trpc/types';

const when = <T>(value: T | null, words: (value: T) => string): readonly string[] =>
  value === null ? [] : [words(value)];

/** What a bot's orders are judged by beside the policy, in words. */
export function describeSettings(settings: BotRow['settings']): readonly string[] {
  const { confidence, maxOrderPct, symbols, stopDistancePct, allowFrom, requestsPerMinute } = settings;
  return [
    confidence === null
      ? 'states no confidence: a person reviews each opening order'
      : `confidence ${formatPct(String(confidence), 0)}`,
    ...when(maxOrderPct, (share) => `at most ${formatPct(String(share))} of equity an order`),
    ...when(symbols, (names) => `only ${names.join(', ')}`),
    ...when(stopDistancePct, (share) => `stop ${formatPct(String(share))} below the price`),
    ...when(allowFrom, (networks) => `from ${networks.join(', ')}`),
    ...when(requestsPerMinute, (count) => `${count} requests a minute`),
  ];
}
