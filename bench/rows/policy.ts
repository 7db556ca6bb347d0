import { hash } from 'node:crypto';
import { policyRequestSchema } from '@/server/contracts/policy';
import {
  compilePolicy,
  DEFAULT_POLICY_BODY,
  evaluatePolicy,
  policyInputRecord,
  toPolicyResponse,
} from '@/server/domain/policy';
import { canonicalJson } from '@/server/kernel/canonical-json';
import type { BenchContext } from '../context';
import { policyRequests } from '../support/policy-requests';
import { bestRates } from '../support/processor-rate';
import { createRulesEngine } from '../support/rules-engine';
import type { Aim, Measured } from '../support/table';

const NOW_MS = Date.UTC(2026, 0, 5, 15);
const policy = compilePolicy(DEFAULT_POLICY_BODY, 1);
const stage = { stage: 'M0_LOCAL' } as const;

function judge(body: unknown) {
  const request = policyRequestSchema.parse(body);
  return { request, decision: evaluatePolicy(request, policy, stage, 'ACTIVE', NOW_MS) };
}

/** All that is stored of a decision: the input's canonical JSON and hash, and the answer's text. */
function judgeAndRecord(body: unknown): number {
  const { request, decision } = judge(body);
  const record = canonicalJson(policyInputRecord(request, policy, stage, 'ACTIVE', NOW_MS));
  const inputHash = hash('sha256', record);
  const evaluationId = request.signal_id;
  return JSON.stringify(toPolicyResponse(decision, { evaluationId, policyVersion: 1, inputHash })).length;
}

/** Policy decisions on one core, bare and with everything that is stored of them, against json-rules-engine. */
export async function measurePolicy({ options, progress }: BenchContext): Promise<Measured[]> {
  progress('policy');
  const bodies = policyRequests(360);
  const engine = createRulesEngine();
  for (const body of bodies) {
    const { decision } = judge(body).decision;
    const theirs = await engine(body);
    if (decision !== theirs)
      throw new Error(`json-rules-engine says ${theirs}, policy ${decision}: ${JSON.stringify(body)}`);
  }
  const works = [
    () => bodies.filter((body) => judge(body).decision.decision !== null).length,
    () => bodies.filter((body) => judgeAndRecord(body) > 0).length,
    async () => {
      for (const body of bodies) await engine(body);
      return bodies.length;
    },
  ];
  const [bare = 0, recorded = 0, theirs = 0] = await bestRates(works, options.quick ? 4 : 10);
  return [
    row('policy', bare, theirs, { of: 'figure', least: 500_000, orRatio: 22 }),
    row('policy-recorded', recorded, theirs, { of: 'figure', least: 100_000, orRatio: 4.4 }),
  ];
}

function row(name: string, figure: number, baseline: number, aim: Aim): Measured {
  const ratio = figure / baseline;
  return {
    row: name,
    figure,
    baseline,
    baselineName: 'json-rules-engine',
    ratio,
    unit: '/s',
    aim,
  };
}
