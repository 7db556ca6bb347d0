/** A session lasts one working day. */
export const SESSION_MAX_AGE_SECONDS = 12 * 3_600;

/** Without any request for this long a session has ended. An open console asks every few seconds. */
export const SESSION_IDLE_MS = 30 * 60_000;

/** Cookies are marked Secure if the public address is https. */
export function isSecureDeployment(publicUrl = process.env['NEXTAUTH_URL']): boolean {
  return publicUrl?.startsWith('https://') ?? false;
}

/** The `__Host-` prefix makes browsers refuse the cookie from a sub-domain or over plain http. */
export function sessionCookieName(secure: boolean): string {
  return secure ? '__Host-countersign.session' : 'countersign.session';
}
