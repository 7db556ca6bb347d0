import * as z from 'zod/mini';

const fieldSchema = z.object({
  type: z.optional(z.string()),
  enum: z.optional(z.array(z.string())),
  default: z.optional(z.unknown()),
  description: z.optional(z.string()),
  minimum: z.optional(z.number()),
  maximum: z.optional(z.number()),
  exclusiveMinimum: z.optional(z.number()),
  exclusiveMaximum: z.optional(z.number()),
});

const objectSchema = z.object({ properties: z.catch(z.record(z.string(), fieldSchema), {}) });

/** A parameter of a strategy, as its schema describes it. */
export interface Param {
  readonly name: string;
  readonly label: string;
  readonly kind: 'integer' | 'number' | 'boolean' | 'choice' | 'text';
  readonly choices: readonly string[];
  /** Bounds in words, and what the schema says of it. */
  readonly hint: string;
  /** As it is typed. */
  readonly defaultText: string;
}

/** A value as it is typed into the form. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}

function boundsOf(field: z.output<typeof fieldSchema>): string {
  const low =
    field.exclusiveMinimum === undefined
      ? field.minimum === undefined
        ? ''
        : `from ${field.minimum}`
      : `above ${field.exclusiveMinimum}`;
  const high =
    field.exclusiveMaximum === undefined
      ? field.maximum === undefined
        ? ''
        : `to ${field.maximum}`
      : `below ${field.exclusiveMaximum}`;
  return [low, high].filter((text) => text !== '').join(' ');
}

function kindOf(field: z.output<typeof fieldSchema>): Param['kind'] {
  if (field.enum !== undefined) return 'choice';
  return field.type === 'integer' || field.type === 'number' || field.type === 'boolean' ? field.type : 'text';
}

/** The parameters of a strategy by its JSON Schema, in its order. */
export function readParams(
  schema: Readonly<Record<string, unknown>>,
  defaults: Readonly<Record<string, unknown>>,
): Param[] {
  const parsed = objectSchema.safeParse(schema);
  if (!parsed.success) return [];
  return Object.entries(parsed.data.properties).map(([name, field]) => {
    const defaultText = asText(defaults[name] ?? field.default);
    const otherwise = defaultText === '' ? 'optional' : `default ${defaultText}`;
    const bounds = [boundsOf(field), otherwise].filter((text) => text !== '').join('; ');
    return {
      name,
      label: name.replaceAll('_', ' ').replace(/^./, (letter) => letter.toUpperCase()),
      kind: kindOf(field),
      choices: field.enum ?? [],
      hint: field.description === undefined ? bounds : `${field.description} (${bounds})`,
      defaultText,
    };
  });
}

/** A typed value as it is sent; null where it cannot be one of its kind. The server's schema has the last word. */
function typedValue(param: Param, text: string): unknown {
  switch (param.kind) {
    case 'integer':
      return /^-?\d{1,15}$/.test(text.trim()) ? Number(text) : null;
    case 'number':
      return /^-?\d{1,15}(\.\d{1,12})?$/.test(text.trim()) ? Number(text) : null;
    case 'boolean':
      return text === 'true';
    case 'choice':
      return param.choices.includes(text) ? text : null;
    case 'text':
      return text;
  }
}

export type Typed = Readonly<Record<string, string>>;

/** What is sent: only what differs from the defaults. Null where a value cannot be one. */
export function toParams(params: readonly Param[], typed: Typed): Record<string, unknown> | null {
  const sent: Record<string, unknown> = {};
  for (const param of params) {
    const text = typed[param.name] ?? param.defaultText;
    if (text.trim() === '' && param.defaultText === '') continue;
    const value = typedValue(param, text);
    if (value === null) return null;
    if (asText(value) !== param.defaultText) sent[param.name] = value;
  }
  return sent;
}

export interface Change {
  readonly label: string;
  readonly from: string;
  readonly to: string;
}

interface Stood {
  readonly enabled: boolean;
  readonly params: Readonly<Record<string, unknown>>;
}

const run = (enabled: boolean) => (enabled ? 'on' : 'off');

/** What saving would change, in words. */
export function changesOf(params: readonly Param[], before: Stood, enabled: boolean, typed: Typed): Change[] {
  const changed = params.flatMap((param): Change[] => {
    const from = asText(before.params[param.name] ?? param.defaultText);
    const to = (typed[param.name] ?? from).trim();
    return from === to ? [] : [{ label: param.label, from, to }];
  });
  return before.enabled === enabled
    ? changed
    : [{ label: 'Runs', from: run(before.enabled), to: run(enabled) }, ...changed];
}
