import { viewProcedure } from '@/server/api/trpc';
import { calibrationSchema } from '@/server/contracts/console/reasoning';

export const calibration = viewProcedure.output(calibrationSchema).query(({ ctx }) => ctx.reads.calibration());
