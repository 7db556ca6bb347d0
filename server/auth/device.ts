import { randomUUID } from 'node:crypto';
import { decode, encode } from 'next-auth/jwt';
import { z } from 'zod';

/** A browser that somebody has signed in with before. Worth nothing but attempts of its own at that e-mail's password. */
export interface Device {
  readonly id: string;
  /** Lower case, as signed in with. */
  readonly email: string;
}

export const DEVICE_MAX_AGE_SECONDS = 180 * 86_400;

/** Keeps the cookie from being taken for a session, which has another salt. */
const SALT = 'countersign device';

const claimsSchema = z.object({ device: z.uuid(), email: z.string() });

export function deviceCookieName(secure: boolean): string {
  return secure ? '__Host-countersign.device' : 'countersign.device';
}

/** The value of the cookie that a browser gets when somebody signs in. */
export async function encodeDevice(email: string, known: Device | null, secret: string): Promise<string> {
  const device = known?.email === email ? known.id : randomUUID();
  return encode({ token: { device, email }, secret, salt: SALT, maxAge: DEVICE_MAX_AGE_SECONDS });
}

/** The device that a cookie value proves; null for none, a forged one or one that has run out. */
export async function decodeDevice(value: string | undefined, secret: string | undefined): Promise<Device | null> {
  if (value === undefined || value === '' || secret === undefined) return null;
  try {
    const claims = claimsSchema.safeParse(await decode({ token: value, secret, salt: SALT }));
    return claims.success ? { id: claims.data.device, email: claims.data.email } : null;
  } catch {
    return null;
  }
}
