import { z } from 'zod';
import { found } from '@/server/api/found';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure, router, viewProcedure } from '@/server/api/trpc';
import { memoEvidenceSchema } from '@/server/contracts/console/memo';
import {
  calibrationSchema,
  memoListInputSchema,
  memoRowSchema,
  reasoningOverviewSchema,
  reasoningRangeSchema,
} from '@/server/contracts/console/reasoning';
import {
  modelNameSchema,
  modelPriceSchema,
  reasoningLimitsSchema,
  reasoningSettingsSchema,
} from '@/server/contracts/reasoning';

export const reasoningRouter = router({
  overview: viewProcedure
    .input(z.object({ range: reasoningRangeSchema.default('1d') }))
    .output(reasoningOverviewSchema)
    .query(({ ctx, input }) => ctx.reads.reasoning(input.range)),

  calibration: viewProcedure.output(calibrationSchema).query(({ ctx }) => ctx.reads.calibration()),

  list: viewProcedure
    .input(memoListInputSchema)
    .output(z.array(memoRowSchema))
    .query(({ ctx, input }) => ctx.reads.memos(input)),

  memo: viewProcedure
    .input(z.object({ signalId: z.uuid() }))
    .output(memoEvidenceSchema)
    .query(async ({ ctx, input }) => found(await ctx.reads.memo(input.signalId), 'memo')),

  settings: viewProcedure.output(reasoningSettingsSchema).query(({ ctx }) => ctx.commands().reasoningSettings()),

  setLimits: actProcedure('setReasoning')
    .input(reasoningLimitsSchema)
    .output(outcomeSchema({ settings: reasoningSettingsSchema }))
    .mutation(async ({ ctx, input }) => toOutcome(await ctx.commands().setReasoningLimits(ctx.actor, input))),

  /** Adds a model's price, or changes it. */
  setPrice: actProcedure('setReasoning')
    .input(modelPriceSchema)
    .output(outcomeSchema({ settings: reasoningSettingsSchema }))
    .mutation(async ({ ctx, input }) => toOutcome(await ctx.commands().setModelPrice(ctx.actor, input))),

  removePrice: actProcedure('setReasoning')
    .input(z.object({ model: modelNameSchema }))
    .output(outcomeSchema({ settings: reasoningSettingsSchema }))
    .mutation(async ({ ctx, input }) => toOutcome(await ctx.commands().removeModelPrice(ctx.actor, input.model))),
});
