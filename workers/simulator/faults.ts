import { z } from 'zod';
import { hash32 } from './market/noise';

/** A share below 1 is a rate; a whole number is a count that is used up. */
const countOrRate = z.number().min(0).max(1_000_000);

/** What stands in for an answer. */
const answerSchema = z.union([
  /** `html`: a page with status 200; `truncated`: half of the body, then the connection is closed; `cut_json`: half of it as if that were all. */
  z.enum(['html', 'truncated', 'cut_json']),
  z.strictObject({
    status: z.number().int().min(200).max(599),
    /** Without a body the answer is an HTML page. */
    body: z.unknown().optional(),
  }),
]);

export type FaultAnswer = z.infer<typeof answerSchema>;

/** The body of `PUT /sim/v1/faults`. What is left out is off. */
export const faultsSchema = z.strictObject({
  /** Each request waits this long before it is handled. */
  delay_ms: z.number().int().min(0).max(600_000).default(0),
  /** Each request is logged and then left alone for this long. */
  hang_ms: z.number().int().min(0).max(600_000).default(0),
  /**
   * What a hung request does: `none` never takes effect and its connection is closed when the time is over; `accept`
   * takes effect at once and is answered late; `late` takes effect only when the time is over.
   */
  hang_effect: z.enum(['none', 'accept', 'late']).default('none'),
  /** How many accepted requests take effect and are never answered: their connection is closed. */
  drop_reply_after_accept: z.number().int().min(0).default(0),
  /** How many requests (or what share of them) are answered 500. */
  fail_5xx: countOrRate.default(0),
  /** Whether a failed request has no effect or takes effect all the same. */
  fail_effect: z.enum(['none', 'accept']).default('none'),
  /** Requests get this answer instead of their own. */
  answer: answerSchema.optional(),
  /** How many requests get it; 0: all, until it is switched off. */
  answer_times: z.number().int().min(0).default(0),
  /** Whether such a request takes effect all the same. */
  answer_effect: z.enum(['none', 'accept']).default('none'),
  /** Our keys are refused with 401 and the stream is closed. */
  revoke_keys: z.boolean().default(false),
  /** The account shows this block and takes no order. */
  block_account: z.enum(['account_blocked', 'trading_blocked', 'trade_suspended_by_user']).optional(),
  /** Trade updates are kept back, also from clients that reconnect: `pong` still answers pings, `dead` answers nothing. */
  silence_stream: z.enum(['pong', 'dead']).optional(),
  /** A cancel is taken in (204) and carried out this much market time later; the order may fill meanwhile. */
  cancel_delay_ms: z.number().int().min(0).max(600_000).default(0),
  /** A replacement is answered and carried out this much market time later; the order may fill meanwhile. */
  replace_delay_ms: z.number().int().min(0).max(600_000).default(0),
  /** The next so many cancels are refused with 422 although their order works on. */
  refuse_cancels: z.number().int().min(0).max(1_000_000).default(0),
  /** The next so many orders that are cancelled fill whole at their limit first: their cancel loses. */
  fill_on_cancel: z.number().int().min(0).max(1_000_000).default(0),
  /** The next so many stop legs vanish when they should begin to work: no event, and the rest of the group works on. */
  lose_stop_legs: z.number().int().min(0).max(1_000_000).default(0),
  /** The next so many new orders become two orders of the broker's under one client order id. */
  duplicate_orders: z.number().int().min(0).max(1_000_000).default(0),
  /** Orders, by id or client order id, that are not shown. */
  hide_orders: z.array(z.string().max(128)).max(100).optional(),
  /** Where they are not shown: in lists, or in single look-ups as well. */
  hide_orders_from: z.enum(['lists', 'everywhere']).default('lists'),
  /** The stream of trade updates is closed and takes no connection: what happens meanwhile is never reported on it. */
  refuse_stream: z.boolean().default(false),
  /** Regular expressions over `METHOD /path?query`; a request that matches none is spared, and /sim always. */
  only: z.array(z.string().max(500)).max(20).optional(),
  /** What happens to trade updates on their way out. */
  stream: z
    .strictObject({
      drop: countOrRate.default(0),
      duplicate: countOrRate.default(0),
      delay_ms: z.number().int().min(0).max(600_000).default(0),
      /** Each second update goes out before the one it follows. */
      reorder: z.boolean().default(false),
    })
    .default({ drop: 0, duplicate: 0, delay_ms: 0, reorder: false }),
});

export type FaultSettings = z.infer<typeof faultsSchema>;

const NONE: FaultSettings = faultsSchema.parse({});

/** What the switches say of one request. */
export interface RequestFaults {
  readonly delayMs: number;
  readonly hangMs: number;
  readonly hangEffect: FaultSettings['hang_effect'];
  readonly fail: boolean;
  readonly failEffect: FaultSettings['fail_effect'];
  /** Null: its own. */
  readonly answer: FaultAnswer | null;
  readonly answerEffect: FaultSettings['answer_effect'];
}

const SPARED: RequestFaults = {
  delayMs: 0,
  hangMs: 0,
  hangEffect: 'none',
  fail: false,
  failEffect: 'none',
  answer: null,
  answerEffect: 'none',
};

/** The fault switches: in memory only, so that a restart has none. */
export class Faults {
  readonly enabled: boolean;
  private settings: FaultSettings = NONE;
  private only: RegExp[] = [];
  private draws = 0;
  private changed: () => void = () => undefined;

  constructor(enabled: boolean) {
    this.enabled = enabled;
  }

  /** The switches as they are now, counts used up subtracted. */
  current(): FaultSettings {
    return this.settings;
  }

  /** @throws SyntaxError for a bad regular expression */
  set(settings: FaultSettings): void {
    this.only = (settings.only ?? []).map((pattern) => new RegExp(pattern));
    this.settings = structuredClone(settings);
    this.changed();
  }

  /** Tells one listener of every change of the switches. */
  onChange(changed: () => void): void {
    this.changed = changed;
  }

  get keysRevoked(): boolean {
    return this.enabled && this.settings.revoke_keys;
  }

  get block(): NonNullable<FaultSettings['block_account']> | null {
    return (this.enabled ? this.settings.block_account : undefined) ?? null;
  }

  get silence(): NonNullable<FaultSettings['silence_stream']> | null {
    return (this.enabled ? this.settings.silence_stream : undefined) ?? null;
  }

  clear(): void {
    this.set(NONE);
  }

  /** Decides about one request, using up counts. `line` is `METHOD /path?query`. */
  forRequest(line: string): RequestFaults {
    if (!this.enabled || !this.hits(line)) return SPARED;
    const { delay_ms, hang_ms, hang_effect, fail_effect, answer_effect } = this.settings;
    const fail = hang_ms === 0 && this.take('fail_5xx');
    const answer = hang_ms === 0 && !fail ? this.takeAnswer() : null;
    const effects = { hangEffect: hang_effect, failEffect: fail_effect, answerEffect: answer_effect };
    return { delayMs: delay_ms, hangMs: hang_ms, fail, answer, ...effects };
  }

  /** Whether the answer of an accepted request is to be dropped, using up the count. Unless `only` says otherwise: new orders. */
  dropsReply(line: string): boolean {
    if (!this.enabled || this.settings.drop_reply_after_accept === 0 || !this.hits(line)) return false;
    if (this.only.length === 0 && !line.startsWith('POST /v2/orders')) return false;
    this.settings.drop_reply_after_accept -= 1;
    return true;
  }

  cancelDelayMs(): number {
    return this.enabled ? this.settings.cancel_delay_ms : 0;
  }

  replaceDelayMs(): number {
    return this.enabled ? this.settings.replace_delay_ms : 0;
  }

  /** Whether this stop leg vanishes, using up the count. */
  losesStopLeg(): boolean {
    return this.takeOne('lose_stop_legs');
  }

  /** Whether this new order becomes two, using up the count. */
  duplicatesOrder(): boolean {
    return this.takeOne('duplicate_orders');
  }

  /** Whether an order is left out of lists, or of single look-ups. */
  hides(order: { readonly id: string; readonly clientOrderId: string }, from: 'lists' | 'look-ups'): boolean {
    const { hide_orders: hidden, hide_orders_from: where } = this.settings;
    if (!this.enabled || hidden === undefined || (from === 'look-ups' && where === 'lists')) return false;
    return hidden.includes(order.id) || hidden.includes(order.clientOrderId);
  }

  get streamRefused(): boolean {
    return this.enabled && this.settings.refuse_stream;
  }

  private takeOne(key: 'lose_stop_legs' | 'duplicate_orders'): boolean {
    if (!this.enabled || this.settings[key] === 0) return false;
    this.settings[key] -= 1;
    return true;
  }

  /** Whether this cancel is refused, using up the count. */
  refusesCancel(): boolean {
    if (!this.enabled || this.settings.refuse_cancels === 0) return false;
    this.settings.refuse_cancels -= 1;
    return true;
  }

  /** Whether the order that is being cancelled fills first, using up the count. */
  fillsOnCancel(): boolean {
    if (!this.enabled || this.settings.fill_on_cancel === 0) return false;
    this.settings.fill_on_cancel -= 1;
    return true;
  }

  stream(): { drop: boolean; duplicate: boolean; delayMs: number; reorder: boolean } {
    if (!this.enabled) return { drop: false, duplicate: false, delayMs: 0, reorder: false };
    const { stream } = this.settings;
    const drop = this.takeStream('drop');
    return {
      drop,
      duplicate: !drop && this.takeStream('duplicate'),
      delayMs: stream.delay_ms,
      reorder: stream.reorder,
    };
  }

  private takeAnswer(): FaultAnswer | null {
    const { answer, answer_times: times } = this.settings;
    if (answer === undefined) return null;
    if (times === 1) delete this.settings.answer;
    if (times > 0) this.settings.answer_times = times - 1;
    return answer;
  }

  private hits(line: string): boolean {
    // The switches themselves always answer.
    if (line.includes(' /sim/')) return false;
    return this.only.length === 0 || this.only.some((pattern) => pattern.test(line));
  }

  private take(key: 'fail_5xx'): boolean {
    const value = this.settings[key];
    if (value >= 1) this.settings[key] = value - 1;
    return value >= 1 || this.drawn(value);
  }

  private takeStream(key: 'drop' | 'duplicate'): boolean {
    const value = this.settings.stream[key];
    if (value >= 1) this.settings.stream[key] = value - 1;
    return value >= 1 || this.drawn(value);
  }

  /** The same faults in the same order, run after run. */
  private drawn(rate: number): boolean {
    if (rate <= 0) return false;
    this.draws += 1;
    return hash32(0x51ab, this.draws, 9) / 0x1_0000_0000 < rate;
  }
}
