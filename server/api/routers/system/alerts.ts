import { viewProcedure } from '@/server/api/trpc';
import { alertListInputSchema, alertListSchema } from '@/server/contracts/console/execution';

export const alerts = viewProcedure
  .input(alertListInputSchema)
  .output(alertListSchema)
  .query(({ ctx, input }) => ctx.reads.alerts(input));
