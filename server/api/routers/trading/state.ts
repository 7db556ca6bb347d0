import { viewProcedure } from '@/server/api/trpc';
import { tradingStateViewSchema } from '@/server/contracts/console/system';

export const state = viewProcedure.output(tradingStateViewSchema).query(({ ctx }) => ctx.commands().tradingState());
