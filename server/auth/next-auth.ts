import type { AuthOptions } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import { z } from 'zod';
import type { AccessSource } from '@/server/application/ports/access';
import { getConsole } from '@/server/composition/console';
import { isSecureDeployment, SESSION_MAX_AGE_SECONDS, sessionCookieName } from './cookie';
import type { Device } from './device';
import { checkPassword, normalEmail, type SignInResult, signInBucket } from './sign-in';

/** One sign-in request: the known device, if any, and a callback for success. */
export interface SignInRequest {
  readonly device: Device | null;
  readonly source: AccessSource;
  readonly onSignedIn: (email: string) => void;
}

const credentialsSchema = z.object({ email: z.string(), password: z.string() });

/** The user of the credentials, or null. Errors are logged and replaced: next-auth sends an error's text to the browser. */
async function authorize(given: unknown, { device, source, onSignedIn }: SignInRequest) {
  const credentials = credentialsSchema.safeParse(given);
  if (!credentials.success) return null;
  const email = normalEmail(credentials.data.email);
  const bucket = signInBucket(email, device);
  const { access, accessRecorder, signInLimits } = getConsole();
  const check = async () => {
    const known = device !== null && device.email === email;
    const checked: SignInResult = (await signInLimits.run(known, source.address, () =>
      checkPassword(access, email, credentials.data.password, bucket),
    )) ?? { ok: false, code: 'THROTTLED' };
    // Who cannot be recorded is not let in.
    await accessRecorder.signIn(email, checked, source);
    return checked.ok ? { ...checked, sid: await access.startSession(checked.user.id, source) } : checked;
  };
  const result = await check().catch((error: unknown) => {
    console.error('sign-in failed:', error);
    throw new Error('The server cannot check the password now.');
  });
  if (!result.ok) return null;
  onSignedIn(email);
  const { id, name, role, sessionVersion } = result.user;
  return { id, email: result.user.email, name, role, sessionVersion, sid: result.sid };
}

/** Credentials against the users table; the cookie, signed and encrypted, names a session in the database. */
export function authOptions(request: SignInRequest): AuthOptions {
  const secure = isSecureDeployment();
  return {
    session: { strategy: 'jwt', maxAge: SESSION_MAX_AGE_SECONDS },
    pages: { signIn: '/signin', error: '/signin' },
    useSecureCookies: secure,
    cookies: {
      sessionToken: {
        name: sessionCookieName(secure),
        options: { httpOnly: true, sameSite: 'lax', path: '/', secure },
      },
    },
    providers: [
      CredentialsProvider({
        name: 'E-mail and password',
        credentials: { email: { label: 'E-mail', type: 'email' }, password: { label: 'Password', type: 'password' } },
        authorize: (credentials) => authorize(credentials, request),
      }),
    ],
    events: {
      async signOut({ token }) {
        const { access, accessRecorder, sessions } = getConsole();
        const user = await access.userById(String(token.sub));
        if (user === null) return;
        const id = String(token['sid']);
        await access.endSessions(user.id, { only: id }, user.email);
        sessions.forget(id);
        await accessRecorder.signOut(user.email, request.source);
      },
    },
    callbacks: {
      jwt({ token, user }) {
        // `user` is present only at sign-in; each request reads role and version from the database.
        if (user !== undefined && 'sessionVersion' in user && 'sid' in user) {
          // next-auth extends the cookie's own expiry at each use; this one is fixed.
          const endsAt = Math.floor(Date.now() / 1_000) + SESSION_MAX_AGE_SECONDS;
          return { sub: user.id, sid: user.sid, sessionVersion: user.sessionVersion, endsAt };
        }
        return token;
      },
      session({ session }) {
        // Scripts in the page get nothing of the session.
        return { expires: session.expires };
      },
    },
  };
}
