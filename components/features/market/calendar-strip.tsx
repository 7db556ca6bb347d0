'use client';

import { formatDuration, formatTime } from '@/components/format/time';
import { marketNowMs } from '@/components/live/market-clock';
import { useNow } from '@/components/live/now';
import { useStatus } from '@/components/shell/use-status';
import type { MarketDetail } from '@/components/trpc/types';
import { Badge } from '@/components/ui/badge';
import { Fact, Panel } from '@/components/ui/panel';

type Calendar = NonNullable<MarketDetail['calendar']>;

const dayText = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short' });
const onDay = (date: string) => dayText.format(new Date(`${date}T00:00:00Z`));
const hoursOf = ({ open, close }: Calendar['session']) =>
  `${formatTime(open).slice(0, 5)}–${formatTime(close).slice(0, 5)}`;

/** The exchange's calendar around now: session, next close, half days and holidays. */
export function CalendarStrip({ calendar }: { readonly calendar: Calendar }) {
  const { status } = useStatus();
  const marketMs = marketNowMs(status.market, useNow());
  const { session, nextEarlyClose, holidays } = calendar;
  const open = Date.parse(session.open) <= marketMs && marketMs < Date.parse(session.close);
  const nextMs = Date.parse(open ? session.close : session.open);
  const openOutside = !open && status.market?.isOpen === true;
  return (
    <Panel
      title="Calendar"
      testId="calendar-strip"
      aside={
        <span className="flex gap-2">
          {openOutside && (
            <Badge tone="primary" title="The simulator uses its own clock">
              simulated market open
            </Badge>
          )}
          <Badge tone={open ? 'pos' : 'neutral'}>{open ? 'NYSE session' : 'no NYSE session'}</Badge>
        </span>
      }
    >
      <dl className="grid grid-cols-1 gap-x-4 gap-y-2 p-3 sm:grid-cols-[3fr_2fr_3fr_4fr]">
        <Fact label={open ? 'Session (ET)' : 'Next session (ET)'}>{`${onDay(session.date)}, ${hoursOf(session)}`}</Fact>
        <Fact label={open ? 'Closes in' : 'Opens in'}>{formatDuration((nextMs - marketMs) / 1_000)}</Fact>
        <Fact label="Next half day (ET)">
          {nextEarlyClose === null
            ? 'none within a year'
            : `${onDay(nextEarlyClose.date)}, to ${formatTime(nextEarlyClose.close).slice(0, 5)}`}
        </Fact>
        <Fact label="Next holidays">{holidays.map(onDay).join(' · ')}</Fact>
      </dl>
    </Panel>
  );
}
