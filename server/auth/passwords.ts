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

/** Guesses that a password must withstand, as a power of ten: with the hash alone that takes years. */
const MIN_GUESSES_LOG10 = 8;

/** Words that belong to every user of this product. */
const PRODUCT_WORDS = ['countersign'];

/**
 * @param context words that a guesser would try first, such as the person's e-mail address and name
 * @throws PasswordError for a password shorter than 12 or longer than 200 characters, or one that is easily guessed (M12)
 */
async function assertPasswordAcceptable(password: string, context: readonly string[]): Promise<void> {
  const length = [...password].length;
  if (length < MIN_PASSWORD_LENGTH)
    throw new PasswordError(`A password has at least ${MIN_PASSWORD_LENGTH} characters.`);
  if (length > MAX_PASSWORD_LENGTH)
    throw new PasswordError(`A password has at most ${MAX_PASSWORD_LENGTH} characters.`);
  // The dictionaries are large: they are loaded only where a password is set.
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  const words = [...PRODUCT_WORDS, ...context.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)])];
  const judge = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
  const { guessesLog10 } = judge.check(
    password,
    words.filter((word) => word.length >= 3),
  );
  if (guessesLog10 < MIN_GUESSES_LOG10)
    throw new PasswordError(
      'This password is easily guessed: it is common, or made of your name, repeats or sequences. Several unrelated words are better.',
    );
}

/**
 * Hashes with argon2id; the result carries its salt and parameters.
 * @param context words that the password must not be made of, such as the person's e-mail address and name
 * @throws PasswordError
 */
export async function hashPassword(password: string, context: readonly string[] = []): Promise<string> {
  await assertPasswordAcceptable(password, context);
  return await hashText(password);
}

/** The hash of any text, including one that is too weak to be chosen as a password. */
export const hashText = (text: string): Promise<string> => hash(text.normalize('NFC'), ARGON2);

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
