/**
 * True when a request that changes something came from our own pages. Browsers send Origin with every POST, and
 * Sec-Fetch-Site besides; a request with neither comes from no browser, and has no one's cookies to abuse.
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
