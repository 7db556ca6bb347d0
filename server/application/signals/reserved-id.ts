import type { Refusal } from '@/server/kernel/outcome';

const MESSAGE =
  'is a UUID of version 8, as strategies make them, and no such signal is there: use a random one (version 4)';

/**
 * The answer to a new candidate under an id of the kind that strategies make. They follow from what everybody can see: who took
 * the next bar's would keep the strategy's own candidate out.
 */
export const RESERVED_SIGNAL_ID: Refusal = {
  ok: false,
  code: 'INVALID',
  message: `signal_id: ${MESSAGE}`,
  fields: [{ field: 'signal_id', message: MESSAGE }],
};
