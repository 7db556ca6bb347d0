import { createHash } from 'node:crypto';

/** What an id names. Ids of different kinds never coincide, even for one number. */
export type IdKind = 'order' | 'activity';

const MASK_48 = (1n << 48n) - 1n;
/** Odd, so that multiplying by it permutes the 48-bit numbers. */
const MULTIPLIER = 0x5deece66d1b5n;

function inverseModulo(value: bigint): bigint {
  // Newton's iteration doubles the number of correct low bits: 3, 6, 12, 24, 48.
  let inverse = value;
  for (let round = 0; round < 5; round += 1) inverse = (inverse * (2n - value * inverse)) & MASK_48;
  return inverse & MASK_48;
}

const INVERSE = inverseModulo(MULTIPLIER);

/**
 * Version 4 shaped UUIDs that encode a sequence number, so that the broker needs no table from id to order.
 * The first 48 bits are the number permuted under the account's key; the rest is a digest that proves the id genuine.
 */
export class IdScheme {
  private readonly account: string;
  private readonly keys: Readonly<Record<IdKind, bigint>>;

  constructor(account: string) {
    this.account = account;
    this.keys = { order: this.keyOf('order'), activity: this.keyOf('activity') };
  }

  private keyOf(kind: IdKind): bigint {
    return BigInt(`0x${createHash('sha256').update(`${this.account}|${kind}`).digest('hex').slice(0, 12)}`);
  }

  /** The id of the `seq`-th order or activity, counted from 1. */
  idOf(kind: IdKind, seq: number): string {
    const head = (((BigInt(seq) * MULTIPLIER) & MASK_48) ^ this.keys[kind]).toString(16).padStart(12, '0');
    const tail = createHash('sha256').update(`${this.account}|${kind}|${seq}`).digest('hex');
    const variant = ((Number.parseInt(tail.charAt(3), 16) & 0x3) | 0x8).toString(16);
    return `${head.slice(0, 8)}-${head.slice(8)}-4${tail.slice(0, 3)}-${variant}${tail.slice(4, 7)}-${tail.slice(7, 19)}`;
  }

  /** The sequence number that an id names, or null when this account never gave it out. */
  seqOf(kind: IdKind, id: string): number | null {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return null;
    const head = BigInt(`0x${id.slice(0, 8)}${id.slice(9, 13)}`);
    const seq = Number(((head ^ this.keys[kind]) * INVERSE) & MASK_48);
    return this.idOf(kind, seq) === id ? seq : null;
  }
}
