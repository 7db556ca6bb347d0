import { router } from '@/server/api/trpc';
import { alerts } from './alerts';
import { audit } from './audit';
import { detail } from './detail';
import { overview } from './overview';
import { status } from './status';

export const systemRouter = router({ status, overview, detail, alerts, audit });
