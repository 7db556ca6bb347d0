/** Labels of alerts. An unknown kind is shown under its own name. */
const KINDS: Readonly<Record<string, string>> = {
  DEAD_MAN: "Dead man's switch",
  BROKER: 'Broker',
  RECONCILIATION: 'Reconciliation',
  BREAK_GLASS: 'Break-glass',
  OPENING: 'Opening balances',
  TIE_OUT: 'Tie-out',
  HISTORY: 'Bar history',
  DATA_STALE_SYMBOL: 'Stale quote',
};

export function kindLabel(kind: string): string {
  const words = kind.toLowerCase().replaceAll('_', ' ');
  return KINDS[kind] ?? `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

const HREFS: Readonly<Record<string, string>> = {
  RECONCILIATION: '/reconciliation',
  OPENING: '/reconciliation',
  TIE_OUT: '/reconciliation',
  BROKER: '/system',
  HISTORY: '/system',
  DEAD_MAN: '/system',
};

/** The page that helps with an alert. */
export function alertHref(kind: string): string {
  return HREFS[kind] ?? '/alerts';
}
