import type { AuthOptions } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import { getConsole } from '@/server/composition-console';
import { isSecureDeployment, SESSION_MAX_AGE_SECONDS, sessionCookieName } from './cookie';
import { checkPassword } from './sign-in';

/** Credentials against the users table; the session is a signed, encrypted cookie that names the user and version. */
export function authOptions(): AuthOptions {
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
        async authorize(credentials) {
          if (credentials === undefined) return null;
          const result = await checkPassword(getConsole().access, credentials.email, credentials.password);
          if (!result.ok) return null;
          const { id, email, name, role, sessionVersion } = result.user;
          return { id, email, name, role, sessionVersion };
        },
      }),
    ],
    callbacks: {
      jwt({ token, user }) {
        // `user` is present only at sign-in; role and version are read anew from the database on each request.
        if (user !== undefined && 'sessionVersion' in user) {
          return { sub: user.id, sessionVersion: user.sessionVersion };
        }
        return token;
      },
      session({ session }) {
        // Nothing of the session is for scripts in the page.
        return { expires: session.expires };
      },
    },
  };
}
