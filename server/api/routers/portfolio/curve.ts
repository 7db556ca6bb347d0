import { z } from 'zod';
import { viewProcedure } from '@/server/api/trpc';
import { curveRangeSchema, curveSchema } from '@/server/contracts/console/portfolio';

export const curve = viewProcedure
  .input(z.object({ range: curveRangeSchema }))
  .output(curveSchema)
  .query(({ ctx, input }) => ctx.reads.curve(input.range));
