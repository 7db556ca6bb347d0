import { z } from 'zod';

export const componentHealthSchema = z.object({
  status: z.enum(['ok', 'down']),
  /** What is wrong, for people; never an address or a secret. */
  detail: z.string(),
  age_seconds: z.number().min(0).nullable(),
});
export type ComponentHealth = z.output<typeof componentHealthSchema>;

/** Answer of GET /health/ready: 200 when every component is ok and the stack can trade, else 503. */
export const readinessSchema = z.object({
  status: z.enum(['ready', 'not_ready']),
  components: z.object({
    database: componentHealthSchema,
    migrations: componentHealthSchema,
    worker: componentHealthSchema,
    portfolio: componentHealthSchema,
  }),
});
export type Readiness = z.output<typeof readinessSchema>;

/** Answer of GET /health/live. */
export const livenessSchema = z.object({ status: z.literal('live') });
