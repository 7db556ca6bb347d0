import { z } from 'zod';
import type { Prisma } from '@/server/adapters/postgres/generated/client';
import { CursorError } from '@/server/application/page';
import type { orderSortSchema } from '@/server/contracts/order';

/** Where a page ended: lists are ordered by creation, newest first, then by id. */
export interface Position {
  readonly createdAt: Date;
  readonly id: string;
}

const PATTERN = /^(\d{1,15})\.([0-9a-f-]{36})$/;

/** An opaque, URL-safe text. */
export function encodeCursor({ createdAt, id }: Position): string {
  return Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url');
}

/** @throws CursorError for text that {@link encodeCursor} did not make */
export function decodeCursor(cursor: string): Position {
  const match = PATTERN.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  const createdAt = new Date(Number(match?.[1]));
  const id = z.uuid().safeParse(match?.[2]);
  if (!id.success || Number.isNaN(createdAt.getTime())) throw new CursorError();
  return { createdAt, id: id.data };
}

/** The condition for the rows that come after a cursor; nothing without one. The first half lets an index find them. */
export function afterCursor(cursor: string | null | undefined) {
  if (cursor === undefined || cursor === null) return {};
  const { createdAt, id } = decodeCursor(cursor);
  return { createdAt: { lte: createdAt }, OR: [{ createdAt: { lt: createdAt } }, { createdAt, id: { lt: id } }] };
}

/** Cuts rows read with `take: limit + 1` to a page. */
export function toPage<Row extends Position>(rows: readonly Row[], limit: number) {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, nextCursor: rows.length > limit && last !== undefined ? encodeCursor(last) : null };
}

type OrderSort = z.output<typeof orderSortSchema>;

interface SortedOrder {
  readonly id: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly symbol: string;
  readonly qty: string;
}

const sortedCursorSchema = z.union([
  z.tuple([z.enum(['createdAt', 'updatedAt']), z.iso.datetime(), z.uuid()]),
  z.tuple([z.literal('symbol'), z.string().max(30), z.uuid()]),
  z.tuple([z.literal('qty'), z.string().regex(/^\d{1,20}(\.\d{1,30})?$/), z.uuid()]),
]);

/** Where a page of orders ended that are sorted by `sort`. */
export function encodeOrderCursor(sort: OrderSort, last: SortedOrder): string {
  return Buffer.from(JSON.stringify([sort, last[sort], last.id])).toString('base64url');
}

/**
 * The condition for the orders after a cursor of the same sort.
 * @throws CursorError for text that {@link encodeOrderCursor} did not make for this sort
 */
export function afterOrderCursor(
  cursor: string | null,
  sort: OrderSort,
  direction: 'asc' | 'desc',
): Prisma.OrderWhereInput {
  if (cursor === null) return {};
  const read = sortedCursorSchema.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (!read.success || read.data[0] !== sort) throw new CursorError();
  const [, value, id] = read.data;
  const [beyond, from] = direction === 'desc' ? (['lt', 'lte'] as const) : (['gt', 'gte'] as const);
  return {
    [sort]: { [from]: value },
    OR: [{ [sort]: { [beyond]: value } }, { [sort]: value, id: { [beyond]: id } }],
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
