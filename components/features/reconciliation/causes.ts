interface CauseLook {
  readonly label: string;
  readonly what: string;
}

/** Words for the causes that the reconciliation writes. One that is not here is shown under its own name. */
const CAUSES: Readonly<Record<string, CauseLook>> = {
  LATE_FILL: { label: 'Late fill', what: 'A fill came after the order had closed here.' },
  OVERFILL: { label: 'Overfill', what: 'More was filled than the order asked for.' },
  EXTERNAL_ORDER: {
    label: 'Order from outside',
    what: 'The broker works an order that was not placed here, or that is closed here.',
  },
  MISSING_AT_BROKER: { label: 'Missing at the broker', what: 'It is live here, and the broker does not have it.' },
  POSITION_MISMATCH: { label: 'Position differs', what: 'The sum of our fills is not what the broker holds.' },
  CASH_MISMATCH: { label: 'Cash differs', what: "Our cash is not the broker's, and no activity explains it." },
};

export function causeLabel(cause: string): string {
  return CAUSES[cause]?.label ?? cause.toLowerCase().replaceAll('_', ' ');
}

export function causeText(cause: string): string {
  return CAUSES[cause]?.what ?? '';
}

/** The account itself stands in the column of symbols as cash. */
export function symbolLabel(symbol: string): string {
  return symbol === '$CASH' ? 'Cash' : symbol;
}
