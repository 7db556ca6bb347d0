/** On every answer: no sniffing, no framing, no referrer to other sites, no device access. */
const COMMON: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=()',
};

/**
 * Headers of everything that is not a page: API answers, files, the event stream. If a browser renders one as a document,
 * it loads, runs and submits nothing.
 */
export const DATA_HEADERS: Readonly<Record<string, string>> = {
  ...COMMON,
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/** A browser that has seen the https address never uses plain http again. */
const HSTS = { 'strict-transport-security': 'max-age=31536000' };

/**
 * Headers of a page. They replace `DATA_HEADERS`; scripts run only with this response's nonce.
 * @param publicUrl the console's public address
 */
export function pageHeaders(
  nonce: string,
  development: boolean,
  publicUrl = process.env['NEXTAUTH_URL'],
): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ''}`,
    // Style elements need the nonce; style attributes (widths of bars, chart geometry) cannot carry one.
    development
      ? "style-src 'self' 'unsafe-inline'"
      : `style-src 'self' 'nonce-${nonce}'; style-src-attr 'unsafe-inline'`,
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${development ? ' ws:' : ''}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
  const transport = publicUrl?.startsWith('https://') ? HSTS : {};
  return { ...COMMON, ...transport, 'content-security-policy': policy, 'cache-control': 'private, no-store' };
}
