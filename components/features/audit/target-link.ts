const PAGES: Readonly<Record<string, string>> = { order: '/orders', approval: '/approvals', signal: '/signals' };

/** Page of an audit target such as `order:<id>`; null where the console has none. */
export function targetHref(target: string): string | null {
  const [kind = '', id = ''] = target.split(':');
  const page = PAGES[kind];
  return page === undefined || id === '' ? null : `${page}/${encodeURIComponent(id)}`;
}
