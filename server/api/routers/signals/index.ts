import { router } from '@/server/api/trpc';
import { get } from './get';
import { list } from './list';

export const signalsRouter = router({ list, get });
