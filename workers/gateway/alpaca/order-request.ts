import { type BotOrderRequest, botOrderRequestSchema } from '@/server/contracts/order';
import { badBody, badField, unsupported } from '../errors';

/** A new order as a bot asks for it. */
export interface AskedOrder {
  /** Null where the bot leaves it to us. */
  readonly clientOrderId: string | null;
  readonly request: BotOrderRequest;
}

type Fields = Readonly<Record<string, unknown>>;

const TYPES: Readonly<Record<string, BotOrderRequest['order_type']>> = {
  market: 'MARKET',
  limit: 'LIMIT',
  stop: 'STOP',
  stop_limit: 'STOP_LIMIT',
};
const SIDES: Readonly<Record<string, BotOrderRequest['side']>> = { buy: 'BUY', sell: 'SELL' };
const TIMES: Readonly<Record<string, BotOrderRequest['time_in_force']>> = {
  day: 'DAY',
  gtc: 'GTC',
  ioc: 'IOC',
  fok: 'FOK',
};
/** Idempotency keys are made of it, so it has the characters that those may have. */
const CLIENT_ORDER_ID = /^[\x21-\x7e](?:[\x20-\x7e]{0,126}[\x21-\x7e])?$/;
const OPTION_SYMBOL = /^[A-Z]{1,6}\d{6}[CP]\d{8}$/;

/** Clients send null and empty text for what they leave out. */
const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

/** Reads the body of `POST /v2/orders`. What Countersign does not do is refused by name. @throws ApiError 400 or 422 naming the field */
export function readOrder(body: unknown): AskedOrder {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw badBody();
  const fields: Fields = Object.fromEntries(Object.entries(body).filter(([, value]) => isGiven(value)));
  refuseUnsupported(fields);
  const parsed = botOrderRequestSchema.safeParse({
    symbol: fields['symbol'],
    side: word(fields, 'side', SIDES),
    qty: fields['qty'],
    order_type: word(fields, 'type', TYPES),
    time_in_force: word(fields, 'time_in_force', TIMES),
    ...(fields['limit_price'] === undefined ? {} : { limit_price: fields['limit_price'] }),
    ...(fields['stop_price'] === undefined ? {} : { stop_price: fields['stop_price'] }),
    ...stopLoss(fields),
  });
  if (!parsed.success) throw badField(faultOf(parsed.error.issues[0]));
  return { clientOrderId: clientOrderId(fields['client_order_id']), request: parsed.data };
}

function faultOf(issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined): string {
  if (issue === undefined) return 'the order is not valid';
  const field = issue.path.map(String).join('.').replace('order_type', 'type');
  return issue.message.startsWith(field) ? issue.message : `${field} ${issue.message}`;
}

function word<T>(fields: Fields, name: string, words: Readonly<Record<string, T>>): T {
  const value = fields[name];
  if (value === undefined) throw badField(`${name} is required`);
  const found = typeof value === 'string' && Object.hasOwn(words, value) ? words[value] : undefined;
  if (found === undefined) throw badField(`${name} must be one of ${Object.keys(words).join(', ')}`);
  return found;
}

function clientOrderId(value: unknown): string | null {
  if (value === undefined) return null;
  if (typeof value === 'string' && CLIENT_ORDER_ID.test(value)) return value;
  throw badField('client_order_id must be 1 to 128 printable ASCII characters, without spaces at its ends');
}

/** The stop of an OTO order. */
function stopLoss(fields: Fields): object {
  const stop = fields['stop_loss'];
  if (stop === undefined) return {};
  if (typeof stop !== 'object' || stop === null) throw badField('stop_loss must be an object with stop_price');
  const { stop_price: price, limit_price: limit }: { stop_price?: unknown; limit_price?: unknown } = stop;
  if (isGiven(limit)) throw unsupported('stop_loss.limit_price is');
  if (!isGiven(price)) throw badField('stop_loss.stop_price is required');
  return { stop_loss: { stop_price: price } };
}

function refuseUnsupported(fields: Fields): void {
  const { symbol, type, time_in_force: time, order_class: orderClass, position_intent: intent } = fields;
  if (fields['notional'] !== undefined) throw unsupported('notional orders (give qty) are');
  if (fields['extended_hours'] === true) throw unsupported('extended_hours orders are');
  if (fields['legs'] !== undefined || orderClass === 'mleg') throw unsupported('multi-leg orders are');
  if (fields['advanced_instructions'] !== undefined) throw unsupported('advanced_instructions are');
  if (typeof symbol === 'string' && symbol.includes('/')) throw unsupported('crypto orders are');
  if (typeof symbol === 'string' && OPTION_SYMBOL.test(symbol)) throw unsupported('option orders are');
  if (type === 'trailing_stop') throw unsupported('trailing_stop orders are');
  if (time === 'opg' || time === 'cls') throw unsupported(`orders with time_in_force ${time} are`);
  if (intent === 'sell_to_open') throw unsupported('short sales (position_intent sell_to_open) are');
  if (intent === 'buy_to_close') throw unsupported('short positions (position_intent buy_to_close) are');
  refuseClasses(fields, orderClass);
}

/** Of the order classes only OTO with a stop is taken: the stop becomes the protective stop of the entry. */
function refuseClasses(fields: Fields, orderClass: unknown): void {
  if (fields['take_profit'] !== undefined || orderClass === 'bracket' || orderClass === 'oco')
    throw unsupported('take_profit, bracket and oco orders (give order_class oto with stop_loss) are');
  const stop = fields['stop_loss'] !== undefined;
  if (orderClass === 'oto' && !stop) throw badField('oto orders require stop_loss');
  if (orderClass === undefined || orderClass === 'simple') {
    if (stop) throw badField('stop_loss requires order_class oto');
  } else if (orderClass !== 'oto') throw badField('order_class must be one of simple, oto');
}
