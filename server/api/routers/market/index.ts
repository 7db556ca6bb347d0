import { router } from '@/server/api/trpc';
import { bars } from './bars';
import { list } from './list';
import { symbol } from './symbol';

export const marketRouter = router({ list, symbol, bars });
