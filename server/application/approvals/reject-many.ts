import type { Commands } from '@/server/application/commands';

/**
 * Rejects each of several approvals in its own transaction: one that was decided meanwhile does not keep the others open.
 * Results are in the order of the ids.
 */
export function createRejectMany(reject: Commands['reject']): Pick<Commands, 'rejectMany'> {
  return {
    async rejectMany(actor, approvalIds, reason) {
      const results = [];
      for (const approvalId of approvalIds) {
        results.push({ approvalId, outcome: await reject(actor, approvalId, reason) });
      }
      return results;
    },
  };
}
