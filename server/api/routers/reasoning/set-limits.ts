import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure } from '@/server/api/trpc';
import { reasoningLimitsSchema, reasoningSettingsSchema } from '@/server/contracts/reasoning';

export const setLimits = actProcedure('setReasoning')
  .input(reasoningLimitsSchema)
  .output(outcomeSchema({ settings: reasoningSettingsSchema }))
  .mutation(async ({ ctx, input }) => toOutcome(await ctx.commands().setReasoningLimits(ctx.actor, input)));
