import { router } from '@/server/api/trpc';
import { calibration } from './calibration';
import { list } from './list';
import { memo } from './memo';
import { overview } from './overview';
import { removePrice } from './remove-price';
import { setLimits } from './set-limits';
import { setPrice } from './set-price';
import { settings } from './settings';

export const reasoningRouter = router({
  overview,
  calibration,
  list,
  memo,
  settings,
  setLimits,
  setPrice,
  removePrice,
});
