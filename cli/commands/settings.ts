import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { formatMoment, formatTable } from '@/cli/format';
import { cliActor, EXIT, EXIT_CODES, refuse, runAdmin } from '@/cli/run-admin';
import { type PolicyBody, policyBodySchema } from '@/server/contracts/policy-body';
import { type DeploymentMode, type RolloutStage, rolloutStageSchema } from '@/server/kernel/vocabulary';

const POLICY_EXAMPLES = `
Examples:
  countersign policy show > policy.json
  countersign policy publish policy.json --reason "smaller positions"
  countersign policy versions

A version never changes: publishing stores the file as the next version and makes it the active one. From M2 on a second person
is needed, which this command cannot ask: go back to M1 first.
${EXIT_CODES}`;

const STAGE_EXAMPLES = `
Examples:
  countersign stage show
  countersign stage promote --reason "a month of paper trading"
  countersign stage demote --reason "look into the fills"

Stages: M0_LOCAL, M1_PAPER, M2_SANDBOX, M3_LIVE_SMALL; one step at a time. M3 needs two people and is not reached by this command.
${EXIT_CODES}`;

const MODE_HELP = `
team: from M2 on, nobody approves what they or a token of theirs requested. solo: one person works alone and confirms such an
approval with the password; it is marked SELF_APPROVED.
${EXIT_CODES}`;

interface ReasonOption {
  readonly reason: string;
}

export function policyCommand(program: Command): void {
  const policy = program
    .command('policy')
    .description('The policy and its versions')
    .addHelpText('afterAll', POLICY_EXAMPLES);
  policy
    .command('show')
    .description('Print a version as JSON; the active one without a number')
    .argument('[version]', 'number of a version')
    .action((version: string | undefined, _options: object, command: Command) => showPolicy(version, command));
  policy
    .command('publish')
    .description('Store a file as the next version and make it the active one')
    .argument('<file>', 'JSON, as printed by show')
    .requiredOption('--reason <text>', 'why, for the audit')
    .action((file: string, { reason }: ReasonOption) => publish(file, reason));
  policy
    .command('versions')
    .description('List the versions')
    .option('--json', 'print a JSON array')
    .action((options: { json?: boolean }) => listVersions(options.json === true));
}

export function stageCommand(program: Command): void {
  const stage = program.command('stage').description('The rollout stage').addHelpText('afterAll', STAGE_EXAMPLES);
  stage.command('show').description('Print the stage').action(showStage);
  stage
    .command('promote')
    .description('Go on to the next stage')
    .requiredOption('--reason <text>', 'why, for the audit')
    .action(({ reason }: ReasonOption) => moveStage(1, reason));
  stage
    .command('demote')
    .description('Go back to the stage before')
    .requiredOption('--reason <text>', 'why, for the audit')
    .action(({ reason }: ReasonOption) => moveStage(-1, reason));
}

export function modeCommand(program: Command): void {
  const mode = program
    .command('mode')
    .description('Whether a team works here or one person alone')
    .addHelpText('afterAll', MODE_HELP);
  mode.command('show').description('Print the mode').action(showMode);
  for (const name of ['team', 'solo'] as const) {
    mode
      .command(name)
      .description(name === 'team' ? 'A second person approves' : 'One person works alone')
      .requiredOption('--reason <text>', 'why, for the audit')
      .action(({ reason }: ReasonOption) => setMode(name === 'team' ? 'TEAM' : 'SOLO', reason));
  }
}

function showPolicy(typed: string | undefined, command: Command): Promise<void> {
  const version = typed === undefined ? null : Number(typed);
  if (version !== null && !Number.isInteger(version))
    return command.error(`error: "${typed}" is not the number of a version`, { exitCode: EXIT.unusable });
  return runAdmin(async ({ settings }) => {
    const wanted = version ?? (await settings.current()).policyVersion;
    const body = await settings.policy(wanted);
    if (body === null) return refuse(`There is no policy version ${wanted}.`);
    console.log(JSON.stringify(body, null, 2));
    return EXIT.done;
  });
}

/** The policy of a file, or what is wrong with it. */
async function readPolicy(file: string): Promise<PolicyBody | string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    return `${file} cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  const policy = policyBodySchema.safeParse(parsed);
  if (policy.success) return policy.data;
  return policy.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}

function publish(file: string, reason: string): Promise<void> {
  return runAdmin(async ({ settings }) => {
    const policy = await readPolicy(file);
    if (typeof policy === 'string') return refuse(`Not a policy: ${policy}`);
    const { stage, policyVersion } = await settings.current();
    if (stage === 'M2_SANDBOX' || stage === 'M3_LIVE_SMALL')
      return refuse(`In ${stage} a policy needs a second person: go back to M1 first (countersign stage demote).`);
    const version = await settings.publish(cliActor(), policyVersion, policy, reason);
    if (version === null) return refuse('Another version was published meanwhile; look at it and publish again.');
    console.log(`Policy version ${version} is active; version ${policyVersion} was before.`);
    return EXIT.done;
  });
}

function listVersions(json: boolean): Promise<void> {
  return runAdmin(async ({ settings }) => {
    const all = await settings.versions();
    if (json) console.log(JSON.stringify(all));
    else {
      const rows = all.map(({ version, active, createdAt, createdBy, comment }) => [
        String(version),
        active ? 'active' : '',
        formatMoment(createdAt),
        createdBy,
        comment,
      ]);
      console.log(formatTable(['VERSION', '', 'PUBLISHED', 'BY', 'REASON'], rows, 'No versions.'));
    }
    return EXIT.done;
  });
}

function showStage(): Promise<void> {
  return runAdmin(async ({ settings }) => {
    console.log((await settings.current()).stage);
    return EXIT.done;
  });
}

function moveStage(step: 1 | -1, reason: string): Promise<void> {
  return runAdmin(async ({ settings }) => {
    const { stage } = await settings.current();
    const stages = rolloutStageSchema.options;
    const to: RolloutStage | undefined = stages[stages.indexOf(stage) + step];
    if (to === undefined) return refuse(`${stage} is the ${step === 1 ? 'last' : 'first'} stage.`);
    if (step === 1 && to === 'M3_LIVE_SMALL')
      return refuse('Live trading needs two people: this command does not promote to M3_LIVE_SMALL.');
    if (!(await settings.changeStage(cliActor(), stage, to, reason)))
      return refuse('The stage was changed meanwhile; look at it again: countersign stage show');
    console.log(`The stage is ${to}; it was ${stage}.`);
    return EXIT.done;
  });
}

function showMode(): Promise<void> {
  return runAdmin(async ({ settings }) => {
    console.log((await settings.current()).mode.toLowerCase());
    return EXIT.done;
  });
}

function setMode(mode: DeploymentMode, reason: string): Promise<void> {
  return runAdmin(async ({ settings }) => {
    await settings.changeMode(cliActor(), mode, reason);
    console.log(
      mode === 'TEAM'
        ? 'A second person approves from M2 on.'
        : 'One person works alone: from M2 on, they confirm their own requests.',
    );
    return EXIT.done;
  });
}
