import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { formatTable } from '@/cli/format';
import { cliCommandActor, EXIT, EXIT_CODES, refuse, runAdmin } from '@/cli/run-admin';
import {
  eventKindSchema,
  eventStateSchema,
  type MarketEventView,
  newMarketEventSchema,
} from '@/server/contracts/console/market-events';
import { symbolSchema } from '@/server/contracts/symbol';
import { reasonSchema } from '@/server/contracts/text';
import { formatEventTime, parseEventTime } from '@/server/domain/market/events/event-time';

const HELP = `
From its start to its end an event keeps every opening trade in its symbol, or in all, out (EVENT_BLACKOUT); closing goes on.
Times are YYYY-MM-DD HH:MM in New York, or ISO 8601 with a zone.

A file to import is CSV with the header kind,symbol,title,starts_at,ends_at. An empty symbol is every symbol. It is taken
whole or not at all; what is in effect already is left alone, so that the same file again adds nothing.
Kinds: ${eventKindSchema.options.join(' ')}

Examples:
  countersign events import fomc-2027.csv --dry-run
  countersign events list --symbol AAPL
  countersign events add --kind EARNINGS --symbol AAPL --title "Q1 earnings" --from "2027-01-28 15:30" --to "2027-01-29 10:00"
  countersign events remove 0198f2a0-0000-7000-8000-000000000001 --reason "moved to March"
${EXIT_CODES}`;

interface JsonOption {
  readonly json?: boolean;
}

interface ListOptions extends JsonOption {
  readonly state: 'current' | 'past' | 'removed' | 'all';
  readonly symbol?: string;
}

interface AddOptions extends JsonOption {
  readonly kind: string;
  readonly symbol?: string;
  readonly title: string;
  readonly from: string;
  readonly to: string;
}

interface ImportOptions extends JsonOption {
  readonly dryRun?: boolean;
}

/** More than a person reads; the rest is counted. */
const SHOWN_FAULTS = 20;

function wrong(command: Command, message: string): never {
  return command.error(`error: ${message}`, { exitCode: EXIT.unusable });
}

function readSymbol(text: string | undefined, command: Command): string | null {
  if (text === undefined) return null;
  const symbol = symbolSchema.safeParse(text);
  return symbol.success ? symbol.data : wrong(command, `--symbol ${text}: ${symbol.error.issues[0]?.message}`);
}

function readTime(text: string, option: string, command: Command): string {
  const ms = parseEventTime(text);
  return ms === null
    ? wrong(command, `${option} "${text}" is no time (YYYY-MM-DD HH:MM in New York, or ISO 8601 with a zone)`)
    : new Date(ms).toISOString();
}

function eventId(id: string, command: Command): string {
  return z.uuid().safeParse(id).success
    ? id.toLowerCase()
    : wrong(command, `"${id}" is not the id of an event; see: countersign events list`);
}

export function eventsCommand(program: Command): void {
  const events = program
    .command('events')
    .description('Events for which nothing opens: earnings, rate decisions and the like')
    .addHelpText('afterAll', HELP);
  events
    .command('list')
    .description('List events; those in effect and to come unless said otherwise')
    .addOption(new Option('--state <state>', 'which').choices(eventStateSchema.options).default('current'))
    .option('--symbol <symbol>', 'of this symbol, and of every symbol')
    .option('--json', 'print a JSON array')
    .action((options: ListOptions, command: Command) => listEvents(options, readSymbol(options.symbol, command)));
  events
    .command('add')
    .description('Add one event')
    .addOption(new Option('--kind <kind>', 'kind').choices(eventKindSchema.options).makeOptionMandatory())
    .option('--symbol <symbol>', 'symbol; every symbol without it')
    .requiredOption('--title <title>', 'what it is')
    .requiredOption('--from <time>', 'first moment in which nothing opens')
    .requiredOption('--to <time>', 'end')
    .option('--json', 'print a JSON object')
    .action(addEvent);
  events
    .command('remove')
    .description('Take an event out of effect')
    .argument('<id>', 'id of the event, as in the list')
    .requiredOption('--reason <reason>', 'why; stored in the audit')
    .action((id: string, options: { reason: string }, command: Command) => {
      const reason = reasonSchema.safeParse(options.reason);
      const checked = eventId(id, command);
      if (!reason.success) return wrong(command, 'a reason is one line of 1 to 500 characters');
      return removeEvent(checked, reason.data);
    });
  events
    .command('import')
    .description('Add the events of a CSV file, all or none')
    .argument('<file>', 'CSV file')
    .option('--dry-run', 'check and count, store nothing')
    .option('--json', 'print a JSON object')
    .action(importFile);
}

const lineOf = (event: MarketEventView) => [
  event.id,
  event.kind,
  event.symbol ?? 'all',
  event.title,
  formatEventTime(Date.parse(event.startsAt)),
  formatEventTime(Date.parse(event.endsAt)),
  event.removedAt === null ? event.createdBy : `removed by ${event.removedBy ?? ''}`,
];

function listEvents(options: ListOptions, symbol: string | null): Promise<void> {
  return runAdmin(async (admin) => {
    const { rows } = await admin.marketEvents({ state: options.state, symbol: symbol ?? '', limit: 2_000 });
    const headings = ['ID', 'KIND', 'SYMBOL', 'TITLE', 'FROM (NEW YORK)', 'TO', 'BY'];
    console.log(options.json === true ? JSON.stringify(rows) : formatTable(headings, rows.map(lineOf), 'No event.'));
    return EXIT.done;
  });
}

function addEvent(options: AddOptions, command: Command): Promise<void> {
  const event = newMarketEventSchema.safeParse({
    kind: options.kind,
    symbol: readSymbol(options.symbol, command),
    title: options.title,
    startsAt: readTime(options.from, '--from', command),
    endsAt: readTime(options.to, '--to', command),
  });
  if (!event.success) {
    const issue = event.error.issues[0];
    return wrong(command, `${issue?.path[0] === 'title' ? '--title' : '--to'} ${issue?.message}`);
  }
  return runAdmin(async ({ commands }) => {
    const outcome = await commands.addMarketEvent(cliCommandActor(), event.data);
    if (!outcome.ok) return refuse(outcome.message);
    console.log(options.json === true ? JSON.stringify({ id: outcome.id }) : `Added ${outcome.id}.`);
    return EXIT.done;
  });
}

function removeEvent(id: string, reason: string): Promise<void> {
  return runAdmin(async ({ commands }) => {
    const outcome = await commands.removeMarketEvent(cliCommandActor(), id, reason);
    if (!outcome.ok) return refuse(`${outcome.message} See: countersign events list`);
    console.log(`Removed ${id}.`);
    return EXIT.done;
  });
}

async function importFile(file: string, options: ImportOptions): Promise<void> {
  let csv: string;
  try {
    csv = await readFile(file, 'utf8');
  } catch (error) {
    console.error(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = EXIT.unusable;
    return;
  }
  const dryRun = options.dryRun === true;
  await runAdmin(async ({ commands }) => {
    const { added, same, faults } = await commands.importMarketEvents(cliCommandActor(), csv, { dryRun });
    if (options.json === true) console.log(JSON.stringify({ added, same, faults }));
    else if (faults.length === 0)
      console.log(`${added} event(s) ${dryRun ? 'would be added' : 'added'}, ${same} in effect already.`);
    if (faults.length === 0) return EXIT.done;
    if (options.json === true) return EXIT.refused;
    console.error(`${file}: refused, nothing was stored`);
    for (const { line, reason } of faults.slice(0, SHOWN_FAULTS))
      console.error(line === 0 ? `  ${reason}` : `  line ${line}: ${reason}`);
    if (faults.length > SHOWN_FAULTS) console.error(`  … and ${faults.length - SHOWN_FAULTS} more`);
    return EXIT.refused;
  });
}
