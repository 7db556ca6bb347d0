import { router } from '@/server/api/trpc';
import { cancel } from './cancel';
import { get } from './get';
import { list } from './list';

export const ordersRouter = router({ list, get, cancel });
