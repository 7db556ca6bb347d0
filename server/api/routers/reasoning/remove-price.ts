import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure } from '@/server/api/trpc';
import { modelNameSchema, reasoningSettingsSchema } from '@/server/contracts/reasoning';

export const removePrice = actProcedure('setReasoning')
  .input(z.object({ model: modelNameSchema }))
  .output(outcomeSchema({ settings: reasoningSettingsSchema }))
  .mutation(async ({ ctx, input }) => toOutcome(await ctx.commands().removeModelPrice(ctx.actor, input.model)));
