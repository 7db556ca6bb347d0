import { router } from '@/server/api/trpc';
import { audit } from './audit';
import { detail } from './detail';
import { overview } from './overview';
import { resolveBreak } from './resolve-break';
import { status } from './status';

export const systemRouter = router({ status, overview, detail, audit, resolveBreak });
