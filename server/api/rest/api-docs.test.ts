import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { livenessSchema, readinessSchema } from '@/server/contracts/health';
import { gateRejectionSchema } from '@/server/contracts/placement';
import { problemSchema } from '@/server/contracts/problem';
import { addressOf, apiExamples, nameOf } from '@/test-support/api-examples';
import { FakeServices, TOKEN } from '@/test-support/fake-rest-services';
import { ENDPOINTS } from './registry';
import { createRestHandler } from './routes';

const EXAMPLES = apiExamples();
const REQUESTS = EXAMPLES.filter(({ status }) => status === null);
const ANSWERS = EXAMPLES.filter(({ status }) => status !== null);

const OTHER_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  '422 problem': problemSchema,
  '422 POST /v1/orders': gateRejectionSchema,
  '200 GET /health/live': livenessSchema,
  '200 GET /health/ready': readinessSchema,
};

function schemaOf(status: number | null, of: string): z.ZodType | undefined {
  const target = ENDPOINTS.find((each) => nameOf(each) === of);
  return target?.answers.find((each) => each.status === status)?.schema ?? OTHER_SCHEMAS[`${status} ${of}`];
}

describe('docs/api.md', () => {
  it('names every endpoint with its scopes', async () => {
    const { readFileSync } = await import('node:fs');
    const page = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    for (const target of ENDPOINTS) {
      const row = rows.find((line) => line.includes(`${target.path}\``) && line.includes(target.method));
      expect(row, nameOf(target)).toBeDefined();
      expect(row).toContain(`\`${target.scope}\``);
      if (target.alsoScope !== undefined) expect(row).toContain(`\`${target.alsoScope}\``);
    }
  });

  it('shows a request for each endpoint with a body, and each answer', () => {
    const bodies = ENDPOINTS.filter(({ inputKind }) => inputKind === 'body').map(nameOf);
    expect(REQUESTS.map(({ of }) => of).sort()).toEqual(bodies.sort());
    const answers = ENDPOINTS.flatMap((target) => target.answers.map(({ status }) => `${status} ${nameOf(target)}`));
    expect(ANSWERS.map(({ status, of }) => `${status} ${of}`).sort()).toEqual(
      [...answers, ...Object.keys(OTHER_SCHEMAS)].sort(),
    );
  });

  it.each(REQUESTS)('$of: the request is accepted by the real route', async ({ of, body }) => {
    const target = ENDPOINTS.find((each) => nameOf(each) === of);
    if (target === undefined) throw new Error(`no endpoint ${of}`);
    const services = new FakeServices();
    const setting = {
      strategy: 'ema-cross',
      symbol: 'SPY',
      enabled: true,
      params: {},
      origin: 'SYMBOL',
      version: 1,
    } as const;
    Object.assign(services.commands, {
      setStrategy: async () => ({ ok: true, setting: { ...setting, updated_at: null, updated_by: null } }),
    });
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', 'idempotency-key': 'k1' };
    const request = new Request(`http://localhost${addressOf(target)}`, {
      method: target.method,
      headers,
      body: JSON.stringify(body),
    });
    const response = await createRestHandler(() => services, ENDPOINTS)(request);
    expect(target.answers.map(({ status }) => status)).toContain(response.status);
  });

  it.each(ANSWERS)('$status $of: the answer matches its schema, field by field', ({ status, of, body }) => {
    const schema = schemaOf(status, of);
    if (schema === undefined) throw new Error(`no schema for ${status} ${of}`);
    expect(schema.parse(body)).toEqual(body);
  });
});
