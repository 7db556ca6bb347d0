import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure } from '@/server/api/trpc';
import { modelPriceSchema, reasoningSettingsSchema } from '@/server/contracts/reasoning';

/** Adds a model's price, or changes it. */
export const setPrice = actProcedure('setReasoning')
  .input(modelPriceSchema)
  .output(outcomeSchema({ settings: reasoningSettingsSchema }))
  .mutation(async ({ ctx, input }) => toOutcome(await ctx.commands().setModelPrice(ctx.actor, input)));
