import { z } from 'zod';
import { orderRowSchema } from '@/server/contracts/order';
import { approvalRowSchema } from './approvals';
import { instant } from './common';
import { decisionRowSchema } from './policy';

/** What wants a person now; the most urgent first is the console's to decide. */
export const overviewSchema = z.object({
  approvals: z.array(approvalRowSchema),
  /** Uncertain, flagged or cancel-pending orders, and refused ones of the last hour. */
  troubledOrders: z.array(orderRowSchema),
  breaks: z.array(z.object({ id: z.uuid(), symbol: z.string(), cause: z.string(), openedAt: instant })),
  decisions: z.array(decisionRowSchema),
  workingOrders: z.number().int(),
  /** Fractions of equity; the limit of the active policy. */
  grossExposure: z.string().nullable(),
  grossExposureLimit: z.string().nullable(),
  drawdownPct: z.string().nullable(),
  drawdownLimit: z.string().nullable(),
  exposures: z.array(z.object({ symbol: z.string(), pct: z.string() })),
});
export type OverviewView = z.output<typeof overviewSchema>;
