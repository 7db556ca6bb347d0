import { router } from '@/server/api/trpc';
import { flatten } from './flatten';
import { halt } from './halt';
import { reduce } from './reduce';
import { release } from './release';
import { state } from './state';

export const tradingRouter = router({ state, halt, reduce, release, flatten });
