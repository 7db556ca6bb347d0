import { viewProcedure } from '@/server/api/trpc';
import { approvalListSchema } from '@/server/contracts/console/approvals';

export const list = viewProcedure.output(approvalListSchema).query(({ ctx }) => ctx.reads.approvals());
