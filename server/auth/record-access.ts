import type { AccessRecord, AccessSource, AccessStore } from '@/server/application/ports/access';
import type { SignInResult } from './sign-in';

const MAX_TEXT = 200;
/** Throttled attempts of one e-mail are recorded this often: a flood must not fill the audit log. */
const THROTTLED_EVERY_MS = 60_000;
const MAX_REMEMBERED = 1_000;

/** Address and browser of a request. Behind a proxy the address is the one that the proxy forwards. */
export function sourceOf(headers: Headers): AccessSource {
  const address = headers.get('x-forwarded-for')?.split(',')[0]?.trim() ?? '';
  return { address: address.slice(0, MAX_TEXT), agent: (headers.get('user-agent') ?? '').slice(0, MAX_TEXT) };
}

/** Appends sign-ins and refused ones to the audit log (M3). */
export class AccessRecorder {
  private readonly throttledAtMs = new Map<string, number>();

  constructor(
    private readonly access: Pick<AccessStore, 'record'>,
    private readonly now: () => number = Date.now,
  ) {}

  async signIn(email: string, result: SignInResult, from: AccessSource): Promise<void> {
    if (result.ok) return this.access.record(entry('access.sign_in', email, from, result.user.email));
    if (result.code === 'WRONG') return this.access.record(entry('access.sign_in.refused', email, from));
    if (this.isRecent(email)) return;
    await this.access.record(entry('access.sign_in.throttled', email, from));
  }

  signOut(email: string, from: AccessSource): Promise<void> {
    return this.access.record(entry('access.sign_out', email, from, email));
  }

  private isRecent(email: string): boolean {
    const nowMs = this.now();
    if (nowMs - (this.throttledAtMs.get(email) ?? Number.NEGATIVE_INFINITY) < THROTTLED_EVERY_MS) return true;
    if (this.throttledAtMs.size >= MAX_REMEMBERED) this.throttledAtMs.clear();
    this.throttledAtMs.set(email, nowMs);
    return false;
  }
}

const entry = (
  action: AccessRecord['action'],
  email: string,
  from: AccessSource,
  actor = 'anonymous',
): AccessRecord => ({ actor, action, target: `sign-in:${email}`, from });
