import { viewProcedure } from '@/server/api/trpc';
import { reconciliationSchema } from '@/server/contracts/console/reconciliation';

export const get = viewProcedure.output(reconciliationSchema).query(({ ctx }) => ctx.reads.reconciliation());
