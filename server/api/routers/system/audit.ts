import { z } from 'zod';
import { viewProcedure } from '@/server/api/trpc';
import { auditListSchema } from '@/server/contracts/console/system';

export const audit = viewProcedure
  .input(
    z.object({
      before: z
        .string()
        .regex(/^\d{1,18}$/)
        .nullable()
        .default(null),
      limit: z.number().int().min(1).max(200).default(100),
    }),
  )
  .output(auditListSchema)
  .query(({ ctx, input }) => ctx.reads.audit(input.before, input.limit));
