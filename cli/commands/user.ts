import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { formatMoment, formatTable } from '@/cli/format';
import { cliActor, EXIT, EXIT_CODES, refuse, runAdmin } from '@/cli/run-admin';
import { emailSchema } from '@/server/contracts/access';
import { type Role, roleSchema } from '@/server/kernel/vocabulary';

interface AddOptions {
  readonly role: string;
  readonly name?: string;
  readonly passwordStdin?: boolean;
  readonly json?: boolean;
}

interface PasswordOptions {
  readonly passwordStdin?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  countersign user add maria@example.com --role OPERATOR
  printf '%s' "$PASSWORD" | countersign user add maria@example.com --password-stdin
  countersign user passwd maria@example.com
  countersign user role maria@example.com VIEWER
  countersign user disable maria@example.com
  countersign user list --json

Roles: VIEWER sees everything; OPERATOR also approves, cancels and halts; ADMIN also releases and administers.
A password has at least 12 characters; without --password-stdin one is generated and shown once.
${EXIT_CODES}`;

export function userCommand(program: Command): void {
  const user = program
    .command('user')
    .description('People who may sign in to the console')
    .addHelpText('afterAll', EXAMPLES);
  user
    .command('add')
    .description('Add a user')
    .argument('<email>', 'sign-in name')
    .option('--role <role>', 'ADMIN, OPERATOR or VIEWER', 'OPERATOR')
    .option('--name <name>', 'name shown in the console and the audit; the e-mail without one')
    .option('--password-stdin', 'read the password from standard input')
    .option('--json', 'print one JSON object')
    .action((email: string, options: AddOptions, command: Command) =>
      addUser(readEmail(email, command), readRole(options.role, command), options),
    );
  user
    .command('passwd')
    .description('Set a new password and end every session of the user')
    .argument('<email>')
    .option('--password-stdin', 'read the password from standard input')
    .option('--json', 'print one JSON object')
    .action((email: string, options: PasswordOptions, command: Command) =>
      setPassword(readEmail(email, command), options),
    );
  user
    .command('role')
    .description('Change what a user may do')
    .argument('<email>')
    .argument('<role>', 'ADMIN, OPERATOR or VIEWER')
    .action((email: string, role: string, _options: object, command: Command) =>
      setRole(readEmail(email, command), readRole(role, command)),
    );
  user
    .command('disable')
    .description('End every session of a user and refuse sign-in and tokens')
    .argument('<email>')
    .action((email: string, _options: object, command: Command) => setDisabled(readEmail(email, command), true));
  user
    .command('enable')
    .description('Let a disabled user in again')
    .argument('<email>')
    .action((email: string, _options: object, command: Command) => setDisabled(readEmail(email, command), false));
  user
    .command('unlock')
    .description('Forget failed sign-ins, so that the user may try again at once')
    .argument('<email>')
    .action((email: string, _options: object, command: Command) => unlock(readEmail(email, command)));
  user
    .command('list')
    .description('List users')
    .option('--json', 'print a JSON array')
    .action((options: { json?: boolean }) => listUsers(options.json === true));
}

function readEmail(typed: string, command: Command): string {
  const email = emailSchema.safeParse(typed);
  return email.success ? email.data : command.error(`error: "${typed}" is not an e-mail address`, { exitCode: 2 });
}

function readRole(typed: string, command: Command): Role {
  const role = roleSchema.safeParse(typed.toUpperCase());
  return role.success
    ? role.data
    : command.error(`error: the role must be ADMIN, OPERATOR or VIEWER, not "${typed}"`, { exitCode: 2 });
}

function addUser(email: string, role: Role, options: AddOptions): Promise<void> {
  return runAdmin(async ({ users }) => {
    const chosen = await hashChosen(options.passwordStdin === true, [email, options.name ?? '']);
    if ('fault' in chosen) return refuse(chosen.fault);
    const id = randomUUID();
    const added = await users.add(
      { id, email, name: options.name ?? email, role, passwordHash: chosen.passwordHash },
      cliActor(),
    );
    if (!added)
      return refuse(`There is a user ${email} already; set a new password with: countersign user passwd ${email}`);
    report(`Added ${email} as ${role}.`, { id, email, role }, chosen.shown, options.json === true);
    return EXIT.done;
  });
}

function setPassword(email: string, options: PasswordOptions): Promise<void> {
  return runAdmin(async ({ users }) => {
    const chosen = await hashChosen(options.passwordStdin === true, [email]);
    if ('fault' in chosen) return refuse(chosen.fault);
    if (!(await users.setPassword(email, chosen.passwordHash, cliActor()))) return refuse(`There is no user ${email}.`);
    report(`New password set for ${email}; every session has ended.`, { email }, chosen.shown, options.json === true);
    return EXIT.done;
  });
}

const lastAdmin = (email: string) =>
  `${email} is the last enabled ADMIN; make another first: countersign user role EMAIL ADMIN`;

function unlock(email: string): Promise<void> {
  return runAdmin(async ({ users }) => {
    if (!(await users.unlock(email, cliActor()))) return refuse(`There is no user ${email}.`);
    console.log(`Failed sign-ins of ${email} are forgotten; a new attempt is possible at once.`);
    return EXIT.done;
  });
}

function setRole(email: string, role: Role): Promise<void> {
  return runAdmin(async ({ users }) => {
    const result = await users.setRole(email, role, cliActor());
    if (result === 'NOT_FOUND') return refuse(`There is no user ${email}.`);
    if (result === 'LAST_ADMIN') return refuse(lastAdmin(email));
    console.log(`${email} is ${role} now; tokens beyond that role have lost those scopes.`);
    return EXIT.done;
  });
}

function setDisabled(email: string, disabled: boolean): Promise<void> {
  return runAdmin(async ({ users }) => {
    const result = await users.setDisabled(email, disabled, cliActor());
    if (result === 'NOT_FOUND') return refuse(`There is no user ${email}.`);
    if (result === 'UNCHANGED') return refuse(`${email} is ${disabled ? 'disabled' : 'enabled'} already.`);
    if (result === 'LAST_ADMIN') return refuse(lastAdmin(email));
    console.log(
      disabled
        ? `Disabled ${email}; sessions and tokens stop working within 5 seconds.`
        : `Enabled ${email}; it takes a new sign-in, and tokens that were not revoked work again.`,
    );
    return EXIT.done;
  });
}

function listUsers(json: boolean): Promise<void> {
  return runAdmin(async ({ users }) => {
    const all = await users.list();
    if (json) console.log(JSON.stringify(all));
    else {
      const rows = all.map((user) => [
        user.email,
        user.role,
        user.name,
        formatMoment(user.createdAt),
        user.disabledAt === null ? '' : 'disabled',
      ]);
      console.log(formatTable(['EMAIL', 'ROLE', 'NAME', 'ADDED', ''], rows, 'No users yet.'));
    }
    return EXIT.done;
  });
}

/**
 * Hashes one line of standard input, or a generated password, which is then `shown` once.
 * @param context what the password must not be made of
 */
async function hashChosen(
  fromStdin: boolean,
  context: readonly string[],
): Promise<{ passwordHash: string; shown: string | null } | { fault: string }> {
  const { generatePassword, hashPassword, PasswordError } = await import('@/server/auth/passwords');
  const password = fromStdin ? (await text(process.stdin)).replace(/\r?\n$/, '') : generatePassword();
  try {
    return { passwordHash: await hashPassword(password, context), shown: fromStdin ? null : password };
  } catch (error) {
    if (error instanceof PasswordError) return { fault: error.message };
    throw error;
  }
}

function report(line: string, facts: Readonly<Record<string, string>>, password: string | null, json: boolean): void {
  if (json) console.log(JSON.stringify({ ...facts, ...(password === null ? {} : { password }) }));
  else console.log(line);
  if (!json && password !== null) console.log(`Password (shown only now): ${password}`);
}
