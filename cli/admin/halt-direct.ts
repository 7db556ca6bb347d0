import { cliActor, EXIT } from '@/cli/admin/run-admin';
import type { Direct } from '@/server/composition/direct';

/** Stops trading at the broker with nothing else up, telling each step. Sets the exit code. Keys are never printed. */
export async function haltDirect(reason: string, limitMs: number, json: boolean): Promise<void> {
  const { openDirect } = await import('@/server/composition/direct');
  const { breakGlass } = await import('@/server/application/halt/break-glass');
  const say = json ? () => undefined : (line: string) => console.log(line);
  let direct: Direct | undefined;
  try {
    direct = openDirect();
    const { where, suspension, broker, journal, clock } = direct;
    say(`broker        ${where}`);
    const result = await breakGlass(
      { broker, suspension, journal, clock, say: (line) => say(`              ${line}`) },
      { kind: 'BREAK_GLASS', actor: cliActor(), reason, limitMs, data: { broker: where } },
    );
    if (json) console.log(JSON.stringify(result));
    say(result.recorded ? 'recorded      a worker halts and audits it when the database is back' : 'recorded      NO');
    const stopped = result.working === 0 && result.suspended === true;
    say(
      stopped ? 'stopped       nothing works, and the broker refuses new orders' : 'stopped       NOT YET: try again',
    );
    process.exitCode = stopped ? EXIT.done : EXIT.refused;
  } catch (error) {
    process.exitCode = EXIT.unusable;
    console.error(error instanceof Error ? error.message : String(error));
  } finally {
    await direct?.close();
  }
}
