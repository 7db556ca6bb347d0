import { router } from '@/server/api/trpc';
import { approve } from './approve';
import { get } from './get';
import { list } from './list';
import { reject } from './reject';

export const approvalsRouter = router({ list, get, approve, reject });
