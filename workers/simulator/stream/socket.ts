import type { RawData } from 'ws';

/** A client that lets more than this pile up is too slow and is cut off. */
export const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

/** The bytes of a message, whatever form they came in. */
export function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** A value as an object with named fields, or null. */
export function asRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}

/** A JSON message as an object, or null when it is none. */
export function parseMessage(data: RawData): Record<string, unknown> | null {
  try {
    return asRecord(JSON.parse(bytesOf(data).toString('utf8')));
  } catch {
    return null;
  }
}
