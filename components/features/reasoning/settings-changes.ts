import type { ModelPrice, ReasoningLimits, ReasoningSettings } from '@/server/contracts/reasoning';

/** The form's text; empty means unlimited. */
export interface Draft {
  readonly limits: Readonly<Record<keyof ReasoningLimits, string>>;
  readonly prices: readonly DraftPrice[];
}

export interface DraftPrice {
  /** Identifies the row. */
  readonly key: number;
  readonly model: string;
  readonly input: string;
  readonly output: string;
}

export const LIMIT_LABEL: Readonly<Record<keyof ReasoningLimits, string>> = {
  tokens_per_day: 'Tokens per day',
  dollars_per_day: '$ per day',
  tokens_per_signal: 'Tokens per signal',
  dollars_per_signal: '$ per signal',
};
export const LIMIT_NAMES = Object.keys(LIMIT_LABEL) as (keyof ReasoningLimits)[];

export interface Change {
  readonly label: string;
  readonly from: string;
  readonly to: string;
}

export interface Wanted {
  readonly changes: readonly Change[];
  /** Null where they stay as they are. */
  readonly limits: ReasoningLimits | null;
  readonly set: readonly ModelPrice[];
  readonly removed: readonly string[];
}

const TOKENS = /^\d{1,12}$/;
const DOLLARS = /^\d{1,15}(\.\d{1,12})?$/;
const MODEL = /^[\w.:/@+-]{1,200}$/;

export function toDraft({ limits, prices }: ReasoningSettings): Draft {
  const text = (value: number | string | null) => (value === null ? '' : String(value));
  return {
    limits: {
      tokens_per_day: text(limits.tokens_per_day),
      dollars_per_day: text(limits.dollars_per_day),
      tokens_per_signal: text(limits.tokens_per_signal),
      dollars_per_signal: text(limits.dollars_per_signal),
    },
    prices: prices.map((price, key) => ({
      key,
      model: price.model,
      input: price.input_per_million,
      output: price.output_per_million,
    })),
  };
}

const shown = (value: string) => (value === '' ? 'unlimited' : value);
const priceText = (price: ModelPrice) => `$${price.input_per_million} in, $${price.output_per_million} out`;

/** What is wrong with the form, in words; null when it can be saved. */
export function problemOf({ limits, prices }: Draft): string | null {
  for (const name of LIMIT_NAMES) {
    const value = limits[name].trim();
    const fits = value === '' || (name.startsWith('tokens') ? TOKENS : DOLLARS).test(value);
    if (!fits) return `${LIMIT_LABEL[name]}: enter a number of 0 or more, or leave it empty for unlimited.`;
  }
  const names = prices.map(({ model }) => model.trim());
  const bad = prices.find(({ model }) => !MODEL.test(model.trim()));
  if (bad !== undefined)
    return bad.model === '' ? 'Enter the name of the model.' : `${bad.model} is not a valid model name.`;
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `${twice} has two prices; remove one.`;
  const priceless = prices.find(({ input, output }) => !DOLLARS.test(input.trim()) || !DOLLARS.test(output.trim()));
  return priceless === undefined
    ? null
    : `${priceless.model}: enter dollars per million tokens of 0 or more, for input and output.`;
}

function limitsOf(limits: Draft['limits']): ReasoningLimits {
  const number = (text: string) => (text.trim() === '' ? null : Number(text));
  const dollars = (text: string) => (text.trim() === '' ? null : text.trim());
  return {
    tokens_per_day: number(limits.tokens_per_day),
    dollars_per_day: dollars(limits.dollars_per_day),
    tokens_per_signal: number(limits.tokens_per_signal),
    dollars_per_signal: dollars(limits.dollars_per_signal),
  };
}

/** What saving the form would change. The form must be without a problem. */
export function wantedOf(settings: ReasoningSettings, draft: Draft): Wanted {
  const before = toDraft(settings).limits;
  const changed = LIMIT_NAMES.filter((name) => before[name] !== draft.limits[name].trim());
  const prices = draft.prices.map(({ model, input, output }) => ({
    model: model.trim(),
    input_per_million: input.trim(),
    output_per_million: output.trim(),
  }));
  const known = new Map(settings.prices.map((price) => [price.model, price]));
  const set = prices.filter((price) => {
    const stands = known.get(price.model);
    return stands === undefined || priceText(stands) !== priceText(price);
  });
  const kept = new Set(prices.map(({ model }) => model));
  const removed = settings.prices.map(({ model }) => model).filter((model) => !kept.has(model));
  const priceNow = (model: string) => {
    const stands = known.get(model);
    return stands === undefined ? 'none' : priceText(stands);
  };
  return {
    changes: [
      ...changed.map((name) => ({
        label: LIMIT_LABEL[name],
        from: shown(before[name]),
        to: shown(draft.limits[name].trim()),
      })),
      ...set.map((price) => ({ label: price.model, from: priceNow(price.model), to: priceText(price) })),
      ...removed.map((model) => ({ label: model, from: priceNow(model), to: 'none' })),
    ],
    limits: changed.length === 0 ? null : limitsOf(draft.limits),
    set,
    removed,
  };
}
