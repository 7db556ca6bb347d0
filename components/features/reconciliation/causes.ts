/** Words for the causes that the reconciliation writes. One that is not here is shown under its own name. */
const LABELS: Readonly<Record<string, string>> = {
  LATE_FILL: 'Late fill',
  OVERFILL: 'Overfill',
  EXTERNAL_ORDER: 'Order from outside',
  MISSING_AT_BROKER: 'Missing at the broker',
  POSITION_MISMATCH: 'Position differs',
  CASH_MISMATCH: 'Cash differs',
};

export function causeLabel(cause: string): string {
  return LABELS[cause] ?? cause.toLowerCase().replaceAll('_', ' ');
}

/** The account itself stands in the column of symbols as cash. */
export function symbolLabel(symbol: string): string {
  return symbol === '$CASH' ? 'Cash' : symbol;
}

const TEXTS: Readonly<Record<string, string>> = {
  LATE_FILL: 'A fill came after the order had closed here.',
  OVERFILL: 'More was filled than the order asked for.',
  EXTERNAL_ORDER: 'The broker has an order that was not placed here, or that is closed here.',
  MISSING_AT_BROKER: 'It is live here, and the broker does not have it.',
  POSITION_MISMATCH: 'The sum of our fills is not what the broker holds.',
  CASH_MISMATCH: "Our cash is not the broker's, and no activity explains it.",
};

/** What a cause means; empty for one that is not known here. */
export function causeText(cause: string): string {
  return TEXTS[cause] ?? '';
}
