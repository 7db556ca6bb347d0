import type { MarketEvent } from '@/components/trpc/types';

export const EVENT_KIND: Record<MarketEvent['kind'], string> = {
  EARNINGS: 'Earnings',
  FOMC: 'FOMC',
  ECONOMIC: 'Economic data',
  DIVIDEND: 'Dividend',
  SPLIT: 'Split',
  OTHER: 'Other',
};
