import type { TradingStateView } from '@/components/trpc/types';
import { Moment } from '@/components/ui/moment';
import { describeCauseEnd, TRADING_CAUSE_LABEL } from '@/server/domain/policy/cause-words';

/** Why trading is not active, and what ends each cause. */
export function TradingCauses({ causes }: Pick<TradingStateView, 'causes'>) {
  return (
    <ul data-testid="trading-causes">
      {causes.map(({ cause, reason, openedBy, openedAt, untilNextSession }) => (
        <li key={cause}>
          <strong>{TRADING_CAUSE_LABEL[cause]}</strong>: {reason} · {openedBy}, <Moment iso={openedAt} /> ET ·{' '}
          {describeCauseEnd(untilNextSession)}
        </li>
      ))}
    </ul>
  );
}
