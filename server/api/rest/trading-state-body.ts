import type { TradingStateView } from '@/server/application/commands';
import type { TradingStateBody } from '@/server/contracts/trading-state';

/** The trading state as REST shows it. */
export function toTradingStateBody(view: TradingStateView): TradingStateBody {
  return {
    state: view.state,
    version: view.version,
    changed_at: view.changedAt,
    changed_by: view.changedBy,
    reason: view.reason,
    halt:
      view.halt === null
        ? null
        : {
            id: view.halt.id,
            requested_at: view.halt.requestedAt,
            acknowledged_at: view.halt.acknowledgedAt,
            verified_at: view.halt.verifiedAt,
            progress: { ...view.halt.progress },
          },
  };
}
