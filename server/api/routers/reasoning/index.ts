import { router } from '@/server/api/trpc';
import { calibration } from './calibration';
import { list } from './list';
import { memo } from './memo';
import { overview } from './overview';

export const reasoningRouter = router({ overview, calibration, list, memo });
