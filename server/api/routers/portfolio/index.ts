import { router } from '@/server/api/trpc';
import { closePosition } from './close-position';
import { curve } from './curve';
import { get } from './get';

export const portfolioRouter = router({ get, curve, closePosition });
