import { z } from 'zod';
import { instant } from './common';

/** A session of the signed-in person. */
export const ownSessionSchema = z.object({
  id: z.uuid(),
  /** The one that asks. */
  current: z.boolean(),
  createdAt: instant,
  seenAt: instant,
  address: z.string(),
  agent: z.string(),
});
