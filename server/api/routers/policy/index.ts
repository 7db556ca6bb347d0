import { router } from '@/server/api/trpc';
import { active } from './active';
import { decisions } from './decisions';

export const policyRouter = router({ active, decisions });
