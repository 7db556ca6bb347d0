import { router } from '@/server/api/trpc';
import { drill } from './drill';
import { drills } from './drills';
import { flatten } from './flatten';
import { halt } from './halt';
import { reduce } from './reduce';
import { release } from './release';
import { requestDrill } from './request-drill';
import { state } from './state';

export const tradingRouter = router({ state, halt, reduce, release, flatten, drills, drill, requestDrill });
