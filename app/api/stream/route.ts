import { handleStream } from '@/server/api/stream/handle';

export const dynamic = 'force-dynamic';
export const runtime = 'nodejs';

export function GET(request: Request): Promise<Response> {
  return handleStream(request);
}
