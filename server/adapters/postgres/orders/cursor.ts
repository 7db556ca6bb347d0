import { z } from 'zod';
import { CursorError } from '@/server/application/page';

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

/** The condition for the rows that come after a cursor; nothing without one. */
export function afterCursor(cursor: string | undefined) {
  if (cursor === undefined) return {};
  const { createdAt, id } = decodeCursor(cursor);
  return { OR: [{ createdAt: { lt: createdAt } }, { createdAt, id: { lt: id } }] };
}

/** Cuts rows read with `take: limit + 1` to a page. */
export function toPage<Row extends Position>(rows: readonly Row[], limit: number) {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, nextCursor: rows.length > limit && last !== undefined ? encodeCursor(last) : null };
}
