import { handleExport } from '@/server/api/export/handle';

export const dynamic = 'force-dynamic';
export const runtime = 'nodejs';

interface Context {
  readonly params: Promise<{ readonly list: string }>;
}

export async function GET(request: Request, { params }: Context): Promise<Response> {
  return await handleExport(request, (await params).list);
}
