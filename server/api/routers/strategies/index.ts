import { router } from '@/server/api/trpc';
import { list } from './list';
import { set } from './set';

export const strategiesRouter = router({ list, set });
