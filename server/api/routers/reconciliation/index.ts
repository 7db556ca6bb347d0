import { router } from '@/server/api/trpc';
import { breakDetail } from './break-detail';
import { breaks } from './breaks';
import { get } from './get';
import { requestTieOut } from './request-tie-out';
import { resolveBreak } from './resolve-break';
import { signOpening } from './sign-opening';
import { tieOut } from './tie-out';
import { tieOuts } from './tie-outs';

export const reconciliationRouter = router({
  get,
  breaks,
  break: breakDetail,
  resolveBreak,
  signOpening,
  tieOuts,
  tieOut,
  requestTieOut,
});
