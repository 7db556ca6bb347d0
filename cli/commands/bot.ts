import type { Command } from 'commander';
import { z } from 'zod';
import { formatMoment, formatTable } from '@/cli/format';
import { cliActor, EXIT, EXIT_CODES, refuse, runAdmin } from '@/cli/run-admin';
import { addBotOptions, describeBot, readBotOptions } from './bot-options';

const EXAMPLES = `
A bot is a token at the gateway, which speaks Alpaca's protocol: the token is the secret key, its first 9 characters are the key id.
Create one with: countersign token create.

Examples:
  countersign bot list
  countersign bot set 0198f2a0-0000-7000-8000-000000000001 --confidence 0.7 --symbols SPY,AAPL --stop-distance 0.05
  countersign bot set 0198f2a0-0000-7000-8000-000000000001 --symbols ""      every symbol of the policy again
  countersign token revoke 0198f2a0-0000-7000-8000-000000000001              ends it within 5 seconds
${EXIT_CODES}`;

export function botCommand(program: Command): void {
  const bot = program.command('bot').description('Bots at the gateway').addHelpText('afterAll', EXAMPLES);
  bot
    .command('list')
    .description('Bots with their settings, newest first')
    .option('--json', 'print a JSON array')
    .action((options: { json?: boolean }) => listBots(options.json === true));
  addBotOptions(
    bot
      .command('set')
      .description('Change settings of a bot; what is not named stays, and an empty value is the default')
      .argument('<id>', 'id of its token, as in the list'),
  ).action((id: string, _options: object, command: Command) => {
    if (!z.uuid().safeParse(id).success)
      command.error(`error: "${id}" is not the id of a token; see: countersign bot list`, { exitCode: 2 });
    return setBot(id.toLowerCase(), command);
  });
}

function listBots(json: boolean): Promise<void> {
  return runAdmin(async ({ tokens }) => {
    const all = (await tokens.list()).filter(
      ({ revokedAt, scopes }) => revokedAt === null && scopes.includes('orders:write'),
    );
    if (json)
      console.log(
        JSON.stringify(all.map(({ id, prefix, name, email, bot }) => ({ id, key_id: prefix, name, email, ...bot }))),
      );
    else {
      const rows = all.map(({ id, prefix, name, email, lastUsedAt, bot }) => [
        id,
        prefix,
        name,
        email,
        formatMoment(lastUsedAt),
        describeBot(bot),
      ]);
      const none = 'No bots yet: create a token with the scope orders:write.';
      console.log(formatTable(['ID', 'KEY ID', 'NAME', 'USER', 'LAST USED', 'SETTINGS'], rows, none));
    }
    return EXIT.done;
  });
}

function setBot(id: string, command: Command): Promise<void> {
  // What is wrong with an option is said before the database is asked.
  readBotOptions(command);
  return runAdmin(async ({ tokens }) => {
    const token = (await tokens.list()).find((each) => each.id === id && each.revokedAt === null);
    if (token === undefined) return refuse(`There is no active token ${id}; see: countersign bot list`);
    const settings = readBotOptions(command, token.bot);
    await tokens.setBot(id, settings, cliActor());
    console.log(`${token.name}: ${describeBot(settings)}. It holds within 5 seconds.`);
    return EXIT.done;
  });
}
