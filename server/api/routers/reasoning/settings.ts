import { viewProcedure } from '@/server/api/trpc';
import { reasoningSettingsSchema } from '@/server/contracts/reasoning';

export const settings = viewProcedure
  .output(reasoningSettingsSchema)
  .query(({ ctx }) => ctx.commands().reasoningSettings());
