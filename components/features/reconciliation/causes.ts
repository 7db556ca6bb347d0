/** Labels of causes. An unknown cause is shown under its own name. */
const LABELS: Readonly<Record<string, string>> = {
  LATE_FILL: 'Late fill',
  OVERFILL: 'Overfill',
  EXTERNAL_ORDER: 'External order',
  MISSING_AT_BROKER: 'Missing at broker',
  POSITION_MISMATCH: 'Position differs',
  CASH_MISMATCH: 'Cash differs',
  ORDER_MISMATCH: 'Order differs',
  UNREADABLE_ITEM: 'Unreadable item',
};

export function causeLabel(cause: string): string {
  return LABELS[cause] ?? cause.toLowerCase().replaceAll('_', ' ');
}

/** Cash, and items without a symbol, have a pseudo symbol. */
export function symbolLabel(symbol: string): string {
  if (symbol === '$BROKER') return 'Broker';
  return symbol === '$CASH' ? 'Cash' : symbol;
}

const TEXTS: Readonly<Record<string, string>> = {
  LATE_FILL: 'A fill arrived after the order had closed here.',
  OVERFILL: 'More was filled than ordered.',
  EXTERNAL_ORDER: 'The broker has an open order that was not placed here or is closed here.',
  MISSING_AT_BROKER: 'The order is open here, but the broker does not have it.',
  POSITION_MISMATCH: "The sum of our fills differs from the broker's position.",
  CASH_MISMATCH: "Our cash differs from the broker's, and no activity explains it.",
  ORDER_MISMATCH: 'Side, quantity, price or filled quantity of the order differ at the broker.',
  UNREADABLE_ITEM:
    'The broker lists an order, position or activity that cannot be read or is not traded here. It is not booked; everything else is.',
};

/** What a cause means; empty for an unknown one. */
export function causeText(cause: string): string {
  return TEXTS[cause] ?? '';
}
