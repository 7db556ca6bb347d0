import { z } from 'zod';
import {
  BrokerError,
  type BrokerOrder,
  type OnUnreadable,
  type UnreadableItem,
  UnreadableItemError,
} from '@/server/application/ports/broker';
import { read } from './ask';
import { parseOrder } from './parse';
import { orderSchema } from './schema';

/** Longest part of a foreign text that is stored and shown. */
const SHOWN_CHARACTERS = 120;

/** A list whose items are read one by one. */
export const listSchema = z.array(z.unknown());

const printable = (text: string) => text.replace(/\p{C}/gu, '').slice(0, SHOWN_CHARACTERS);

/** A text field of an unknown body; null where it is missing, empty or no text. */
export function textField(body: unknown, name: string): string | null {
  if (typeof body !== 'object' || body === null) return null;
  const value: unknown = Reflect.get(body, name);
  return typeof value === 'string' && value !== '' ? value : null;
}

function unreadable(kind: UnreadableItem['kind'], body: unknown, error: BrokerError): UnreadableItem {
  const symbol = textField(body, 'symbol');
  const id = kind === 'POSITION' ? symbol : textField(body, 'id');
  return {
    kind,
    id: id === null ? null : printable(id),
    symbol: symbol === null ? null : printable(symbol),
    why: printable(error.message),
  };
}

/** Reads a list item by item; what cannot be read goes to `onUnreadable`. */
export function readItems<S extends z.ZodType, T>(
  kind: UnreadableItem['kind'],
  schema: S,
  items: readonly unknown[],
  map: (value: z.output<S>) => T,
  onUnreadable: OnUnreadable,
): readonly T[] {
  return items.flatMap((item) => {
    try {
      return [read(schema, item, map)];
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      onUnreadable(unreadable(kind, item, error));
      return [];
    }
  });
}

/**
 * The answer to a question for one order.
 * @throws UnreadableItemError when it is that order and cannot be read; BrokerError when it is no order at all
 */
export function readOrder(body: unknown, isAsked: (body: unknown) => boolean): BrokerOrder {
  try {
    return read(orderSchema, body, parseOrder);
  } catch (error) {
    if (!(error instanceof BrokerError) || !isAsked(body)) throw error;
    throw new UnreadableItemError(unreadable('ORDER', body, error));
  }
}
