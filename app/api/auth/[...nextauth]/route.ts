import { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { withLimitedBody } from '@/server/api/limit-body';
import { isSecureDeployment } from '@/server/auth/cookie';
import { DEVICE_MAX_AGE_SECONDS, decodeDevice, deviceCookieName, encodeDevice } from '@/server/auth/device';
import { authOptions } from '@/server/auth/next-auth';
import { sourceOf } from '@/server/auth/record-access';
import { cookieValue } from '@/server/auth/session';

export const dynamic = 'force-dynamic';

interface AuthRoute {
  readonly params: Promise<{ readonly nextauth: string[] }>;
}

async function answer(request: Request, route: AuthRoute): Promise<Response> {
  const secret = process.env['NEXTAUTH_SECRET'];
  const secure = isSecureDeployment();
  const name = deviceCookieName(secure);
  const device = await decodeDevice(cookieValue(request.headers.get('cookie'), name), secret);
  const signedIn: { email?: string } = {};
  const options = authOptions({
    device,
    source: sourceOf(request.headers),
    onSignedIn: (email) => {
      signedIn.email = email;
    },
  });
  const response: Response = await NextAuth(new NextRequest(request), route, options);
  if (signedIn.email !== undefined && secret !== undefined) {
    const value = await encodeDevice(signedIn.email, device, secret);
    const attributes = `Path=/; Max-Age=${DEVICE_MAX_AGE_SECONDS}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
    response.headers.append('set-cookie', `${name}=${value}; ${attributes}`);
  }
  return response;
}

function handler(request: NextRequest, route: AuthRoute): Promise<Response> {
  return withLimitedBody(request, (limited) => answer(limited, route));
}

export { handler as GET, handler as POST };
