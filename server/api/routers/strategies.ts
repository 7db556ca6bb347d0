import { z } from 'zod';
import { outcomeSchema, toOutcome } from '@/server/api/outcome';
import { actProcedure, router, viewProcedure } from '@/server/api/trpc';
import {
  setStrategySchema,
  settingSymbolSchema,
  strategyListSchema,
  strategyNameSchema,
  strategySettingSchema,
} from '@/server/contracts/strategies';

export const strategiesRouter = router({
  list: viewProcedure
    .output(strategyListSchema)
    .query(async ({ ctx }) => ({ strategies: [...(await ctx.commands().strategies())] })),

  /** Changes a setting. Refused if `version`, the one that was shown, is no longer current. */
  set: actProcedure('setStrategy')
    .input(
      setStrategySchema.extend({
        strategy: strategyNameSchema,
        symbol: settingSymbolSchema,
        version: z.number().int().min(0),
      }),
    )
    .output(outcomeSchema({ setting: strategySettingSchema }))
    .mutation(async ({ ctx, input: { strategy, symbol, version, enabled, params } }) =>
      toOutcome(await ctx.commands().setStrategy(ctx.actor, { strategy, symbol }, { enabled, params }, version)),
    ),
});
