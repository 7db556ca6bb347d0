import { randomInt } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

export const MIN_PASSWORD_LENGTH = 12;
/** Longer input only costs hashing time. */
export const MAX_PASSWORD_LENGTH = 200;

/** argon2id (the library's default) with OWASP's parameters: 19 MiB, 2 passes, 1 thread. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Letters and digits without look-alikes (0 O, 1 l I). */
const ALPHABET = 'ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** Thrown for an unacceptable password; the message says why. */
export class PasswordError extends Error {
  override readonly name = 'PasswordError';
}

/** @throws PasswordError for a password shorter than 12 or longer than 200 characters, or one repeated character */
export function assertPasswordAcceptable(password: string): void {
  const length = [...password].length;
  if (length < MIN_PASSWORD_LENGTH)
    throw new PasswordError(`A password has at least ${MIN_PASSWORD_LENGTH} characters.`);
  if (length > MAX_PASSWORD_LENGTH)
    throw new PasswordError(`A password has at most ${MAX_PASSWORD_LENGTH} characters.`);
  if (new Set(password).size < 4) throw new PasswordError('A password has at least 4 different characters.');
}

/** Hashes with argon2id; the result carries its salt and parameters. @throws PasswordError */
export async function hashPassword(password: string): Promise<string> {
  assertPasswordAcceptable(password);
  return hash(password.normalize('NFC'), ARGON2);
}

/** Whether the password matches the hash. An unreadable hash never matches. */
export async function verifyPassword(passwordHash: string, password: string): Promise<boolean> {
  if (password.length > MAX_PASSWORD_LENGTH * 4) return false;
  try {
    return await verify(passwordHash, password.normalize('NFC'));
  } catch {
    return false;
  }
}

/** Four groups of five characters (116 bits): easy to read aloud and type. */
export function generatePassword(): string {
  const group = () => Array.from({ length: 5 }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
  return [group(), group(), group(), group()].join('-');
}
