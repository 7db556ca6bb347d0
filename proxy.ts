import { type NextRequest, NextResponse } from 'next/server';
import { pageHeaders } from './server/api/security-headers';

/** Gives every page its security headers; next.config.ts sets those of everything else. */
export function proxy(request: NextRequest): NextResponse {
  const nonce = btoa(crypto.randomUUID());
  const headers = pageHeaders(nonce, process.env.NODE_ENV === 'development');
  const forwarded = new Headers(request.headers);
  // Next.js reads the nonce from the request's policy and puts it on its own scripts.
  forwarded.set('content-security-policy', headers['content-security-policy'] ?? '');
  const response = NextResponse.next({ request: { headers: forwarded } });
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

export const config = {
  // Everything but APIs and files. Next.js needs a literal here.
  matcher: ['/((?!api/|v1/|v1$|health/|_next/|icon\\.svg$).*)'],
};
