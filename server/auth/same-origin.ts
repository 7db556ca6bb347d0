/** The public address of the console, if it is known. */
function publicAddress(address: string | undefined): URL | null {
  return address !== undefined && URL.canParse(address) ? new URL(address) : null;
}

/**
 * Whether a request was sent by our own pages. Browsers send Origin with every POST, and usually Sec-Fetch-Site; a request
 * with neither does not come from a browser, so it carries no user's cookies.
 * @param publicUrl a proxy may change Host, so the origin of this address counts too; where it is https, plain http does not count
 */
export function isSameOrigin(headers: Headers, publicUrl = process.env['NEXTAUTH_URL']): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') return false;
  const origin = headers.get('origin');
  if (origin === null) return site === 'same-origin';
  if (!URL.canParse(origin)) return false;
  const sender = new URL(origin);
  const ours = publicAddress(publicUrl);
  if (ours !== null && sender.origin === ours.origin) return true;
  if (ours?.protocol === 'https:' && sender.protocol !== 'https:') return false;
  return sender.host === headers.get('host');
}
