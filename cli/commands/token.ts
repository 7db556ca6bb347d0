import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { z } from 'zod';
import { formatMoment, formatTable } from '@/cli/format';
import { cliActor, EXIT, EXIT_CODES, refuse, runAdmin } from '@/cli/run-admin';
import { emailSchema, SCOPES, SCOPES_OF_ROLE, type Scope, scopeSchema } from '@/server/contracts/access';
import type { BotSettings } from '@/server/contracts/bots';
import { addBotOptions, describeBot, readBotOptions } from './bot-options';

interface CreateOptions {
  readonly user: string;
  readonly name: string;
  readonly scopes: string;
  readonly expires?: string;
  readonly json?: boolean;
}

interface TokenRequest {
  readonly email: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresDays: number | null;
  readonly bot: BotSettings;
  readonly json: boolean;
}

const DAY_MS = 86_400_000;

const EXAMPLES = `
Examples:
  countersign token create --user maria@example.com --name backtester --scopes policy:evaluate,orders:read
  countersign token create --user maria@example.com --name bot --scopes all --expires 90 --json
  countersign token create --user maria@example.com --name momentum --scopes all --confidence 0.7 --stop-distance 0.05
  countersign token list
  countersign token revoke 0198f2a0-0000-7000-8000-000000000001

Scopes: ${SCOPES.join(' ')}
        or "all" for every scope that the user's role allows. A revocation acts within 5 seconds.
${EXIT_CODES}`;

export function tokenCommand(program: Command): void {
  const token = program
    .command('token')
    .description('Tokens for the REST API, and for bots at the gateway')
    .addHelpText('afterAll', EXAMPLES);
  const create = token
    .command('create')
    .description('Create a token; it is printed once and stored only as a hash')
    .requiredOption('--user <email>', 'user that the token acts for')
    .requiredOption('--name <name>', 'what it is for; shown in lists and in the audit')
    .requiredOption('--scopes <scopes>', 'comma-separated scopes, or "all"')
    .option('--expires <days>', 'days until it expires; never without')
    .option('--json', 'print one JSON object');
  addBotOptions(create).action((options: CreateOptions, command: Command) =>
    createToken(readRequest(options, command)),
  );
  token
    .command('list')
    .description('List tokens, newest first')
    .option('--json', 'print a JSON array')
    .action((options: { json?: boolean }) => listTokens(options.json === true));
  token
    .command('revoke')
    .description('Revoke a token for good')
    .argument('<id>', 'id of the token, as in the list')
    .action((id: string, _options: object, command: Command) => {
      if (!z.uuid().safeParse(id).success)
        command.error(`error: "${id}" is not the id of a token; see: countersign token list`, { exitCode: 2 });
      return revokeToken(id.toLowerCase());
    });
}

function readRequest(options: CreateOptions, command: Command): TokenRequest {
  const fail = (message: string): never => command.error(`error: ${message}`, { exitCode: 2 });
  const email = emailSchema.safeParse(options.user);
  const name = options.name.trim();
  const scopes = z
    .array(scopeSchema)
    .min(1)
    .safeParse(options.scopes === 'all' ? [...SCOPES] : options.scopes.split(',').map((scope) => scope.trim()));
  const days = options.expires === undefined ? null : Number(options.expires);
  if (!email.success) return fail(`"${options.user}" is not an e-mail address`);
  if (name === '' || name.length > 100) return fail('a name has 1 to 100 characters');
  if (!scopes.success) return fail(`scopes are "all" or some of: ${SCOPES.join(', ')}`);
  if (days !== null && !(days > 0 && days <= 3_650)) return fail('--expires is a number of days, at most 3650');
  return {
    email: email.data,
    name,
    scopes: [...new Set(scopes.data)],
    expiresDays: days,
    bot: readBotOptions(command),
    json: options.json === true,
  };
}

function createToken(request: TokenRequest): Promise<void> {
  return runAdmin(async ({ users, tokens }) => {
    const user = await users.find(request.email);
    if (user === null || user.disabledAt !== null)
      return refuse(`There is no active user ${request.email}; see: countersign user list`);
    const allowed = SCOPES_OF_ROLE[user.role];
    const wanted = request.scopes.length === SCOPES.length ? allowed : request.scopes;
    const beyond = wanted.filter((scope) => !allowed.includes(scope));
    if (beyond.length > 0) return refuse(`A ${user.role} cannot have ${beyond.join(', ')}.`);
    const { createToken: makeToken } = await import('@/server/auth/tokens');
    const { token, tokenHash, prefix } = makeToken();
    const id = randomUUID();
    const expiresAt = request.expiresDays === null ? null : new Date(Date.now() + request.expiresDays * DAY_MS);
    await tokens.create(
      { id, userId: user.id, name: request.name, tokenHash, prefix, scopes: wanted, bot: request.bot, expiresAt },
      cliActor(),
    );
    if (request.json)
      console.log(
        JSON.stringify({
          id,
          token,
          key_id: prefix,
          name: request.name,
          scopes: wanted,
          expires_at: expiresAt?.toISOString() ?? null,
        }),
      );
    else {
      console.error(`Token "${request.name}" (${id}) for ${request.email}: ${wanted.join(' ')}`);
      console.error(`As a bot: key id ${prefix}, the token is the secret key. ${describeBot(request.bot)}.`);
      console.error('It is shown only now:');
      console.log(token);
    }
    return EXIT.done;
  });
}

function listTokens(json: boolean): Promise<void> {
  return runAdmin(async ({ tokens }) => {
    const all = await tokens.list();
    if (json) console.log(JSON.stringify(all));
    else {
      const rows = all.map((token) => [
        token.id,
        `${token.prefix}…`,
        token.name,
        token.email,
        token.revokedAt !== null
          ? 'revoked'
          : token.expiresAt !== null && token.expiresAt.getTime() <= Date.now()
            ? 'expired'
            : 'active',
        formatMoment(token.lastUsedAt),
        formatMoment(token.expiresAt),
        token.scopes.join(' '),
      ]);
      console.log(
        formatTable(['ID', 'TOKEN', 'NAME', 'USER', 'STATE', 'LAST USED', 'EXPIRES', 'SCOPES'], rows, 'No tokens yet.'),
      );
    }
    return EXIT.done;
  });
}

function revokeToken(id: string): Promise<void> {
  return runAdmin(async ({ tokens }) => {
    const revoked = await tokens.revoke(id, cliActor());
    if (revoked === null) return refuse(`There is no token ${id}; see: countersign token list`);
    if (!revoked) return refuse(`Token ${id} was revoked before.`);
    console.log(`Revoked ${id}; it stops working within 5 seconds.`);
    return EXIT.done;
  });
}
