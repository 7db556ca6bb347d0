import { viewProcedure } from '@/server/api/trpc';
import { systemDetailSchema } from '@/server/contracts/console/system';

export const detail = viewProcedure.output(systemDetailSchema).query(({ ctx }) => ctx.reads.system());
