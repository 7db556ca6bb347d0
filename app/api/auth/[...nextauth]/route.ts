import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { authOptions } from '@/server/auth/next-auth';

export const dynamic = 'force-dynamic';

interface AuthRoute {
  readonly params: Promise<{ readonly nextauth: string[] }>;
}

async function handler(request: NextRequest, route: AuthRoute): Promise<Response> {
  return await NextAuth(request, route, authOptions());
}

export { handler as GET, handler as POST };
