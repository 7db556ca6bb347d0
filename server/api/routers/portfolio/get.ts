import { viewProcedure } from '@/server/api/trpc';
import { portfolioSchema } from '@/server/contracts/console/portfolio';

export const get = viewProcedure.output(portfolioSchema).query(({ ctx }) => ctx.reads.portfolio());
