/**
 * Whether a request was sent by our own pages. Browsers send Origin with every POST, and usually Sec-Fetch-Site; a request
 * with neither does not come from a browser, so it carries no user's cookies.
 */
export function isSameOrigin(headers: Headers): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') return false;
  const origin = headers.get('origin');
  if (origin === null) return site === 'same-origin';
  try {
    return new URL(origin).host === headers.get('host');
  } catch {
    return false;
  }
}
