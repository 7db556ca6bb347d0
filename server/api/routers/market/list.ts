import { viewProcedure } from '@/server/api/trpc';
import { marketListSchema } from '@/server/contracts/console/market';

export const list = viewProcedure.output(marketListSchema).query(({ ctx }) => ctx.reads.market());
