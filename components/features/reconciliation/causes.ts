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
