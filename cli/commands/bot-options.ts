import type { Command } from 'commander';
import { type BotSettings, botSettingsSchema } from '@/server/contracts/bots';

/** Each setting of a bot as an option: its flag, what it is, and how its text is read. */
const OPTIONS: readonly {
  readonly field: keyof BotSettings;
  readonly flag: string;
  readonly what: string;
  readonly read: (text: string) => unknown;
}[] = [
  {
    field: 'strategy',
    flag: '--strategy <name>',
    what: 'name that its orders are counted under; default the token’s name',
    read: (text) => text,
  },
  {
    field: 'confidence',
    flag: '--confidence <0 to 1>',
    what: 'stated with each order; without it a person reviews each order that opens a position',
    read: Number,
  },
  {
    field: 'max_order_pct',
    flag: '--max-order-pct <share>',
    what: 'most that one order may be, as a share of equity: 0.02 is 2%',
    read: Number,
  },
  {
    field: 'symbols',
    flag: '--symbols <list>',
    what: 'the only symbols that it may trade, separated by commas',
    read: (text) => text.split(',').map((symbol) => symbol.trim()),
  },
  {
    field: 'stop_distance_pct',
    flag: '--stop-distance <share>',
    what: 'protective stop of an order that states none: 0.05 is 5% below its price',
    read: Number,
  },
  {
    field: 'allow_from',
    flag: '--allow-from <list>',
    what: 'addresses or networks that it may be used from, separated by commas',
    read: (text) => text.split(',').map((network) => network.trim()),
  },
  {
    field: 'requests_per_minute',
    flag: '--rate <number>',
    what: 'requests a minute; default 200',
    read: Number,
  },
];

/** Adds the settings of a bot to a command. */
export function addBotOptions(command: Command): Command {
  for (const { flag, what } of OPTIONS) command.option(flag, what);
  return command;
}

const attribute = (flag: string): string =>
  flag
    .split(' ')[0]
    ?.slice(2)
    .replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()) ?? '';

/** The settings that were given, over those of before. Ends the command with 2 for a value that is none. */
export function readBotOptions(command: Command, before: BotSettings = {}): BotSettings {
  const given: Record<string, unknown> = {};
  const options: Readonly<Record<string, unknown>> = command.opts();
  for (const { field, flag, read } of OPTIONS) {
    const text = options[attribute(flag)];
    if (typeof text === 'string') given[field] = text.trim() === '' ? undefined : read(text);
  }
  const parsed = botSettingsSchema.safeParse({ ...before, ...given });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = String(issue?.path[0] ?? '');
  const option = OPTIONS.find((each) => each.field === field)?.flag.split(' ')[0] ?? field;
  return command.error(`error: ${option} ${issue?.message ?? 'is not valid'}`, { exitCode: 2 });
}

/** The settings that differ from the default, in words. */
export const describeBot = (settings: BotSettings): string =>
  OPTIONS.flatMap(({ field, flag }) => {
    const value = settings[field];
    return value === undefined ? [] : [`${flag.split(' ')[0]?.slice(2)} ${String(value)}`];
  }).join(', ') || 'defaults: each opening order is reviewed';
