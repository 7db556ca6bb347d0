import { text } from 'node:stream/consumers';
import { generatePassword } from '@/server/auth/passwords';

/** The password to set and whether it was made up here, and so must be shown. */
export interface ChosenPassword {
  readonly password: string;
  readonly generated: boolean;
}

/** Reads the password from standard input (one line), or makes one up. */
export async function choosePassword(fromStdin: boolean): Promise<ChosenPassword> {
  if (!fromStdin) return { password: generatePassword(), generated: true };
  return { password: (await text(process.stdin)).replace(/\r?\n$/, ''), generated: false };
}
