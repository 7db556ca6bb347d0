/** Words for the kinds that the workers write. One that is not here is shown under its own name. */
const KINDS: Readonly<Record<string, string>> = {
  DEAD_MAN: "Dead man's switch",
  BROKER: 'Broker',
  RECONCILIATION: 'Reconciliation',
  BREAK_GLASS: 'Break-glass',
};

export function kindLabel(kind: string): string {
  const words = kind.toLowerCase().replaceAll('_', ' ');
  return KINDS[kind] ?? `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** Where a person looks next. */
export function alertHref(kind: string): string {
  if (kind === 'RECONCILIATION' || kind === 'TIE_OUT') return '/reconciliation';
  if (kind === 'BROKER' || kind === 'DEAD_MAN') return '/system';
  return '/alerts';
}
