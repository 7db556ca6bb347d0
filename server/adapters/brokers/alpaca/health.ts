import type { BrokerAccount, BrokerError, BrokerHealth, BrokerState } from '@/server/application/ports/broker';
import { StreamWatch } from './stream-watch';

/** One failure is noise; the second in a row is a state. */
const UNREACHABLE_AFTER = 2;
/** What is not asked all the time is taken for mended when it has not failed for so long. */
const FORGET_MS = 30_000;
/** A stream may be away for so long before it counts. */
const STREAM_GRACE_MS = 5_000;

const WORST_FIRST: readonly BrokerState[] = [
  'KEYS_REFUSED',
  'ACCOUNT_BLOCKED',
  'FORBIDDEN',
  'UNREACHABLE',
  'UNREADABLE',
  'RATE_LIMITED',
  'SILENT_STREAM',
];

/** An answer this recent proves that the keys are good. */
const KEYS_PROVEN_MS = 10_000;

interface Fault {
  readonly sinceMs: number;
  lastMs: number;
  detail: string;
}

/** The broker refused who we are, not what we asked. Alpaca says so with 401, or 403 "forbidden.". */
function isKeyRefusal(error: BrokerError): boolean {
  return (
    error.status === 401 || (error.status === 403 && /^(forbidden\.?|request is not authorized)$/i.test(error.message))
  );
}

/**
 * What this process knows of the broker's health, from the answers it gets. Faults of a route end with its next good answer,
 * or when they have not come again for 30 s.
 */
export class BrokerHealthMonitor {
  readonly watch = new StreamWatch();
  private readonly nowMs: () => number;
  private readonly keyAdvice: string;
  private readonly faults = new Map<string, Fault & { readonly state: BrokerState }>();
  private failures = 0;
  private answeredMs = Number.NEGATIVE_INFINITY;
  private okSinceMs: number;
  private lastCallMs: number | null = null;
  private stream: BrokerHealth['stream'] = 'OFF';
  private streamSinceMs = 0;
  private streamFault = '';
  private clockSkewMs: number | null = null;

  /**
   * @param nowMs epoch ms
   * @param keyAdvice what to do when the keys are refused
   */
  constructor(
    nowMs: () => number = () => Date.now(),
    keyAdvice = 'check BROKER_KEY_ID and BROKER_SECRET_KEY, then restart the worker',
  ) {
    this.keyAdvice = keyAdvice;
    this.nowMs = nowMs;
    this.okSinceMs = nowMs();
  }

  asked(): void {
    this.lastCallMs = this.nowMs();
  }

  /** A readable 2xx of the trading API. `route` is `METHOD /path` without ids. */
  answered(route: string): void {
    this.failures = 0;
    this.answeredMs = this.nowMs();
    for (const name of [`FORBIDDEN ${route}`, `UNREADABLE ${route}`, 'KEYS_REFUSED', 'UNREACHABLE', 'RATE_LIMITED'])
      this.faults.delete(name);
  }

  /** Whether the keys are refused; a 403 beside good answers is about what was asked. */
  refusesKeys(error: BrokerError): boolean {
    if (!isKeyRefusal(error)) return false;
    return error.status === 401 || this.nowMs() - this.answeredMs >= KEYS_PROVEN_MS;
  }

  /** Anything else. Refusals of an order are no fault of the broker's. */
  failed(route: string, error: BrokerError): void {
    if (error.kind === 'not_sent' || (error.kind === 'rate_limited' && error.status !== 429)) return;
    if (error.kind === 'uncertain' && error.status >= 200 && error.status < 300) {
      this.reached();
      const detail = `the broker's answer to ${route} cannot be read (${error.message}): check BROKER_URL and what stands between`;
      this.fault('UNREADABLE', ` ${route}`, detail);
    } else if (error.kind === 'uncertain') this.noAnswer(error);
    else {
      this.reached();
      this.refused(route, error);
    }
  }

  account({ tradingBlocked, blockedBy = [] }: BrokerAccount): void {
    if (!tradingBlocked) this.faults.delete('ACCOUNT_BLOCKED');
    else {
      const why = blockedBy.length === 0 ? 'blocked' : blockedBy.join(', ');
      const detail = `the broker lets this account not trade (${why}): nothing is placed; lift it at the broker (a release lifts what halt --direct suspended), then trading goes on`;
      this.fault('ACCOUNT_BLOCKED', '', detail);
    }
  }

  /** @param skewMs the broker's clock less ours */
  clock(skewMs: number): void {
    this.clockSkewMs = Math.round(skewMs);
  }

  streamIs(state: BrokerHealth['stream'], fault = ''): void {
    if (state !== this.stream) this.streamSinceMs = this.nowMs();
    this.stream = state;
    this.streamFault = fault === '' && state !== 'CONNECTED' ? this.streamFault : fault;
  }

  /** The stream answers pings but kept an order's news from us. */
  streamSilent(): void {
    const detail =
      'the stream of trade updates is connected but tells nothing: fills are read by polling meanwhile; it is reconnected';
    this.fault('SILENT_STREAM', ' silent', detail);
  }

  streamSpoke(): void {
    this.faults.delete('SILENT_STREAM silent');
  }

  snapshot(limits: Pick<BrokerHealth, 'breaker' | 'tokensLeft' | 'requestsUsed' | 'requestsPerMinute'>): BrokerHealth {
    const { state, sinceMs, detail } = this.worst();
    const { stream, clockSkewMs, lastCallMs } = this;
    return { state, sinceMs, detail, ...limits, stream, clockSkewMs, lastCallMs };
  }

  private reached(): void {
    this.failures = 0;
    this.faults.delete('UNREACHABLE');
  }

  private noAnswer(error: BrokerError): void {
    this.failures += 1;
    if (this.failures < UNREACHABLE_AFTER) return;
    const what =
      error.status === 0 ? `does not answer (${error.message})` : `answers ${error.status} (${error.message})`;
    this.fault('UNREACHABLE', '', `the broker ${what}: orders wait; check the network and the broker's status page`);
  }

  private refused(route: string, error: BrokerError): void {
    if (this.refusesKeys(error)) this.fault('KEYS_REFUSED', '', `the broker refuses the keys: ${this.keyAdvice}`);
    else if (error.status === 429)
      this.fault(
        'RATE_LIMITED',
        '',
        'the broker limits our requests (429): calls wait; set BROKER_REQUESTS_PER_MINUTE lower',
      );
    else if (error.status === 403 && !route.startsWith('POST ') && !route.startsWith('DELETE '))
      this.fault(
        'FORBIDDEN',
        ` ${route}`,
        `the broker forbids ${route} (${error.message}): check what the account and its keys may do`,
      );
    else this.faults.delete('KEYS_REFUSED');
  }

  private fault(state: BrokerState, key: string, detail: string): void {
    const nowMs = this.nowMs();
    const known = this.faults.get(state + key);
    if (known === undefined) this.faults.set(state + key, { state, sinceMs: nowMs, lastMs: nowMs, detail });
    else Object.assign(known, { lastMs: nowMs, detail });
  }

  private worst(): { state: BrokerState; sinceMs: number; detail: string } {
    const nowMs = this.nowMs();
    // A block and a breakdown end by an answer alone.
    for (const [name, { state, lastMs }] of this.faults)
      if (nowMs - lastMs > FORGET_MS && state !== 'ACCOUNT_BLOCKED' && state !== 'KEYS_REFUSED')
        this.faults.delete(name);
    for (const state of WORST_FIRST) {
      const found = [...this.faults.values()].find((each) => each.state === state);
      if (found !== undefined) return this.bad(found);
      if (state === 'SILENT_STREAM') {
        const away = this.streamAway(nowMs);
        if (away !== null) return this.bad(away);
      }
    }
    if (this.okSinceMs === 0) this.okSinceMs = nowMs;
    return { state: 'OK', sinceMs: this.okSinceMs, detail: '' };
  }

  private bad<T>(found: T): T {
    this.okSinceMs = 0;
    return found;
  }

  private streamAway(nowMs: number): { state: BrokerState; sinceMs: number; detail: string } | null {
    if (this.stream === 'OFF' || this.stream === 'CONNECTED' || nowMs - this.streamSinceMs < STREAM_GRACE_MS)
      return null;
    const why = this.streamFault === '' ? 'no connection' : this.streamFault;
    const detail = `the stream of trade updates is away (${why}): fills are read by polling; the worker reconnects`;
    return { state: 'SILENT_STREAM', sinceMs: this.streamSinceMs, detail };
  }
}

/** The route of a call for people and for bookkeeping: ids cut out. */
export function routeOf(method: string, path: string): string {
  const plain = path.replace(/\/[0-9a-f]{8}-[0-9a-f-]{27,}/gi, '/{id}').replace(/^(\/v2\/orders\/).+/, '$1{id}');
  return `${method} ${plain}`;
}
