import type { Commands } from '@/server/application/commands';
import type { Broker, BrokerActivity, VenueInfo } from '@/server/application/ports/broker';
import { BrokerError } from '@/server/application/ports/broker';
import type { DrillHalt, DrillResult, OpenDrill } from '@/server/application/ports/drill-store';
import { type Actor, SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import type { Log } from '@/server/kernel/log';
import { CLOCK_TOLERANCE_MS, DRILL_THRESHOLDS, describeFill, drillFault, sortFills } from './judge-drill';
import { DrillError, type DrillPlacing, placeDrillOrders } from './place-drill-orders';

/** A drill nobody took up by then is not begun unattended. */
const STALE_MS = 120_000;
const VERIFY_LIMIT_MS = 60_000;
const LOOK_MS = 50;
const ASK_AGAIN_MS = 500;
/** The broker's statement may be late. */
const STATEMENT_TRIES = 20;

export interface DrillRun extends DrillPlacing {
  readonly commands: Pick<Commands, 'placeOrder' | 'approve' | 'cancelOrder' | 'halt' | 'tradingState'>;
  readonly broker: Pick<Broker, 'activitiesAfter'>;
  readonly environment: VenueInfo['environment'];
  readonly log: Log;
}

const NOTHING: Omit<DrillResult, 'passed' | 'fault' | 'report'> = {
  working: null,
  acknowledgedMs: null,
  verifiedMs: null,
  cancelled: null,
  filled: null,
  fillsAfterHalt: null,
};

const requester = ({ principalId, requestedBy, id }: OpenDrill): Actor => ({
  kind: principalId === null ? 'cli' : 'user',
  principalId: principalId ?? SYSTEM_PRINCIPAL_ID,
  name: requestedBy,
  correlationId: `drill:${id}`,
});

/** When things happened, for the report. */
class Timeline {
  readonly steps: { readonly at: string; readonly what: string }[] = [];
  constructor(private readonly nowMs: () => number) {}
  note(what: string): void {
    this.steps.push({ at: new Date(this.nowMs()).toISOString(), what });
  }
}

/** Cancels what a drill that ended early left working. */
async function cancelLeft({ drills, commands }: DrillRun, why: string): Promise<number> {
  const actor: Actor = {
    kind: 'system',
    principalId: SYSTEM_PRINCIPAL_ID,
    name: 'system (kill drill)',
    correlationId: 'kill-drill',
  };
  const left = await drills.liveOrders();
  for (const orderId of left) await commands.cancelOrder(actor, orderId, why);
  return left.length;
}

async function fail(run: DrillRun, drill: OpenDrill, fault: string, timeline: Timeline): Promise<void> {
  const cancelled = await cancelLeft(run, `the kill drill ended: ${fault}`);
  timeline.note(`ended early: ${fault}; ${cancelled} order(s) are being cancelled`);
  const report = { thresholds: DRILL_THRESHOLDS, timeline: timeline.steps };
  await run.drills.finish(drill.id, { ...NOTHING, passed: false, fault, report });
  run.log.warn({ drillId: drill.id, fault }, 'the kill drill failed');
}

async function untilVerified({ commands, clock, signal }: DrillRun, timeline: Timeline): Promise<void> {
  const endMs = performance.now() + VERIFY_LIMIT_MS;
  while (!signal.aborted && performance.now() < endMs) {
    const { halt } = await commands.tradingState();
    if (halt === null || halt.verifiedAt !== null) {
      timeline.note(halt === null ? 'somebody released trading' : 'verified');
      return;
    }
    await clock.sleep(LOOK_MS, signal);
  }
  timeline.note('not verified in time');
}

/** @throws BrokerError when the broker's statement is not to be had */
async function statement({ broker, clock, signal }: DrillRun, halt: DrillHalt): Promise<readonly BrokerActivity[]> {
  const afterMs = Math.max(0, (halt.acknowledgedMarketMs ?? 0) - 1_000);
  for (let n = 1; ; n++) {
    try {
      return await broker.activitiesAfter(afterMs);
    } catch (error) {
      if (!(error instanceof BrokerError) || n >= STATEMENT_TRIES || signal.aborted) throw error;
      await clock.sleep(ASK_AGAIN_MS, signal);
    }
  }
}

async function measure(run: DrillRun, drill: OpenDrill, haltId: string, worked: number, timeline: Timeline) {
  const { drills } = run;
  const halt = await drills.halt(haltId, CLOCK_TOLERANCE_MS);
  if (halt === null) throw new DrillError('the halt of the drill is gone');
  const fills = sortFills(halt, await statement(run, halt));
  const counts = await drills.counts(drill.id);
  const fault = drillFault(drill.orders, worked, counts, halt, fills);
  timeline.note(fault === null ? 'passed; trading stays halted until a person releases it' : `failed: ${fault}`);
  const report = {
    thresholds: DRILL_THRESHOLDS,
    timeline: timeline.steps,
    halt: halt.progress,
    requests: halt.progress['requests'] ?? null,
    cancel_all: halt.progress['cancel_all'] ?? null,
    sent_after_halt: halt.takenAfter,
    cancels_lost_to_fills: fills.lost.map(describeFill),
    fills_after_halt: fills.after.map(describeFill),
  };
  await drills.finish(drill.id, {
    passed: fault === null,
    fault,
    working: worked,
    acknowledgedMs: halt.acknowledgedMs,
    verifiedMs: halt.verifiedMs,
    cancelled: counts.cancelled,
    filled: counts.filled,
    fillsAfterHalt: fills.after.length,
    report,
  });
  run.log.info({ drillId: drill.id, passed: fault === null, verifiedMs: halt.verifiedMs }, 'kill drill over');
}

/** What must hold before anything is placed. @throws DrillError */
async function checkStart({ drills, environment }: DrillRun, { principalId }: OpenDrill): Promise<void> {
  if (environment === 'LIVE') throw new DrillError('a drill is never run on a live account');
  if (!(await drills.wantsApproval())) return;
  if (principalId === null || !(await drills.mayApprove(principalId)))
    throw new DrillError(
      'the stage wants a person for every trade: start the drill from the console, as one who may approve',
    );
}

async function carryOut(run: DrillRun, drill: OpenDrill, timeline: Timeline): Promise<void> {
  const { commands, drills } = run;
  await checkStart(run, drill);
  timeline.note(`placing ${drill.orders} order(s) of ${drill.symbol} far below the market, through the gate`);
  const working = await placeDrillOrders(run, drill);
  const { state, changedBy } = await commands.tradingState();
  if (state !== 'ACTIVE') throw new DrillError(`trading was set to ${state} by ${changedBy} meanwhile`);
  timeline.note(`${working} order(s) work; halting`);
  const halted = await commands.halt(requester(drill), `kill drill ${drill.id}`);
  const halt = halted.ok ? halted.view.halt : null;
  if (halt === null) throw new DrillError('trading could not be halted');
  timeline.note(halt.acknowledgedAt === null ? 'halted, not acknowledged yet' : 'acknowledged');
  await drills.halting(drill.id, halt.id, working);
  await untilVerified(run, timeline);
  await measure(run, drill, halt.id, working, timeline);
}

/**
 * Carries out the drill that waits, or ends one that a stopped worker left half done. Whatever becomes of it is stored with
 * the drill. Trading stays halted after it: releasing is a person's act.
 */
export async function runDrill(run: DrillRun, drill: OpenDrill): Promise<void> {
  const timeline = new Timeline(run.clock.nowMs);
  if (drill.status !== 'REQUESTED') return fail(run, drill, 'the worker that carried it out stopped', timeline);
  if (drill.ageMs > STALE_MS) return fail(run, drill, 'no worker took it up in time', timeline);
  if (!(await run.drills.begin(drill.id))) return;
  try {
    await carryOut(run, drill, timeline);
  } catch (error) {
    // Stopped in the middle: the next worker ends it.
    if (run.signal.aborted) throw error;
    if (!(error instanceof DrillError || error instanceof BrokerError)) throw error;
    await fail(run, drill, error.message, timeline);
  }
}
