import { randomUUID } from 'node:crypto';
import { decode, encode } from 'next-auth/jwt';
import { z } from 'zod';

/** A browser in which this user has signed in before. It only grants a separate count of failed attempts. */
export interface Device {
  readonly id: string;
  /** In lower case, as used at sign-in. */
  readonly email: string;
}

export const DEVICE_MAX_AGE_SECONDS = 180 * 86_400;

/** Differs from the session's salt, so that this cookie cannot serve as a session. */
const SALT = 'countersign device';

const claimsSchema = z.object({ device: z.uuid(), email: z.string() });

export function deviceCookieName(secure: boolean): string {
  return secure ? '__Host-countersign.device' : 'countersign.device';
}

/** Value of the cookie that is set at sign-in. */
export async function encodeDevice(email: string, known: Device | null, secret: string): Promise<string> {
  const device = known?.email === email ? known.id : randomUUID();
  return encode({ token: { device, email }, secret, salt: SALT, maxAge: DEVICE_MAX_AGE_SECONDS });
}

/** The device of a cookie value; null if missing, forged or expired. */
export async function decodeDevice(value: string | undefined, secret: string | undefined): Promise<Device | null> {
  if (value === undefined || value === '' || secret === undefined) return null;
  try {
    const claims = claimsSchema.safeParse(await decode({ token: value, secret, salt: SALT }));
    return claims.success ? { id: claims.data.device, email: claims.data.email } : null;
  } catch {
    return null;
  }
}
