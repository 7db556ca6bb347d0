import { viewProcedure } from '@/server/api/trpc';
import { overviewSchema } from '@/server/contracts/console/overview';

export const overview = viewProcedure.output(overviewSchema).query(({ ctx }) => ctx.reads.overview());
