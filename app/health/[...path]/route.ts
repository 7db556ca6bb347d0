import { healthApi } from '@/server/api/rest/open-addresses';
import { getRestServices } from '@/server/composition/rest';

export const dynamic = 'force-dynamic';

const handler = healthApi(getRestServices);

export { handler as DELETE, handler as GET, handler as OPTIONS, handler as PATCH, handler as POST, handler as PUT };
