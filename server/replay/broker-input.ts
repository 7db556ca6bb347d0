import type { ScenarioLineOf } from '@/server/contracts/scenario';
import type { OrderInput } from '@/server/domain/order/types';

/**
 * What a `broker` line says, as the lifecycle's input. Which fields an event needs has been checked when the line was read.
 * @param ordinal number of the event, for a correction that carries no id of its own
 */
export function brokerInput(line: ScenarioLineOf<'broker'>, ordinal: number): OrderInput {
  const { event, execution_id: executionId, ref_execution_id: refExecutionId } = line;
  const reason = line.reason === undefined || line.reason === null ? {} : { reason: line.reason };
  const qty = line.qty ?? 0n;
  const price = line.price ?? 0n;
  switch (event) {
    case 'fill':
      return { kind: 'fill', executionId: executionId ?? '', qty, price, atMs: line.at };
    case 'bust':
      return { kind: 'bust', refExecutionId: refExecutionId ?? '' };
    case 'correct':
      return {
        kind: 'correct',
        executionId: executionId ?? `line-${ordinal}`,
        refExecutionId: refExecutionId ?? '',
        qty,
        price,
        // Of two corrections of one fill the later line is the one that holds.
        atMs: line.at,
      };
    case 'rejected':
    case 'cancelled':
    case 'cancel_rejected':
    case 'replace_rejected':
      return { kind: event, ...reason };
    case 'accepted':
    case 'expired':
    case 'done_for_day':
    case 'replaced':
      return { kind: event };
  }
}
