export interface NavItem {
  readonly href: string;
  readonly label: string;
  /** Pressed after `g`. */
  readonly key?: string;
}

export const NAV: readonly NavItem[] = [
  { href: '/', label: 'Overview', key: 'h' },
  { href: '/approvals', label: 'Approvals', key: 'a' },
  { href: '/orders', label: 'Orders', key: 'o' },
  { href: '/portfolio', label: 'Portfolio', key: 'p' },
  { href: '/market', label: 'Market', key: 'm' },
  { href: '/signals', label: 'Signals', key: 's' },
  { href: '/strategies', label: 'Strategies', key: 't' },
  { href: '/bots', label: 'Bots', key: 'b' },
  { href: '/reasoning', label: 'Reasoning', key: 'e' },
  { href: '/policy', label: 'Policy' },
  { href: '/reconciliation', label: 'Reconciliation', key: 'r' },
  { href: '/alerts', label: 'Alerts' },
  { href: '/system', label: 'System' },
  { href: '/audit', label: 'Audit' },
];

export function isCurrent(item: NavItem, pathname: string): boolean {
  return item.href === '/' ? pathname === '/' : pathname === item.href || pathname.startsWith(`${item.href}/`);
}
