import Ajv2020 from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openApiDocument } from './openapi';
import { ENDPOINTS } from './registry';

const mediaSchema = z.object({ schema: z.record(z.string(), z.unknown()) });
const responseSchema = z.object({
  description: z.string().min(1),
  content: z.record(z.string(), mediaSchema).default({}),
});
const operationSchema = z.object({
  operationId: z.string(),
  summary: z.string().min(10),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.enum(['path', 'query', 'header']),
        required: z.boolean(),
        schema: z.record(z.string(), z.unknown()),
      }),
    )
    .default([]),
  requestBody: z
    .object({ required: z.literal(true), content: z.object({ 'application/json': mediaSchema }) })
    .optional(),
  responses: z.record(z.string().regex(/^\d{3}$/), responseSchema),
});
const documentSchema = z.object({
  openapi: z.literal('3.1.0'),
  info: z.object({ title: z.string(), version: z.string() }),
  paths: z.record(
    z.string().startsWith('/'),
    z.partialRecord(z.enum(['get', 'post', 'put', 'delete']), operationSchema),
  ),
  components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
});

const document = documentSchema.parse(openApiDocument(ENDPOINTS));
const operations = Object.entries(document.paths).flatMap(([address, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ address, method, operation })),
);

describe('the description', () => {
  it('names every scope that handing in a candidate needs', () => {
    const scopes = document.paths['/v1/signals']?.post?.security;
    expect(scopes).toEqual([{ token: ['signals:write', 'orders:write'] }]);
  });

  it('names each operation once', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('refers only to what it holds', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(references.length).toBeGreaterThan(0);
    const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect(references.filter((reference) => !known.includes(reference))).toEqual([]);
  });

  it.each(operations)(
    '$method $address: path parameters, and schemas that a JSON Schema validator takes',
    ({ address, operation }) => {
      const inPath = operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      expect(inPath).toEqual([...address.matchAll(/\{(\w+)\}/g)].map((match) => match[1]));
      const validator = new Ajv2020({ strict: false, formats: { uuid: true, 'date-time': true, date: true } });
      for (const [name, schema] of Object.entries(document.components.schemas))
        validator.addSchema(schema, `#/components/schemas/${name}`);
      const media = [operation.requestBody, ...Object.values(operation.responses)].flatMap((part) =>
        Object.values(part?.content ?? {}),
      );
      for (const { schema } of media) expect(() => validator.compile(schema)).not.toThrow();
    },
  );

  it.each(operations.filter(({ operation }) => operation.security.length > 0))(
    '$method $address: its problems',
    ({ operation }) => {
      for (const status of ['401', '403', '503']) expect(Object.keys(operation.responses)).toContain(status);
      const wanted = operation.requestBody === undefined ? [] : ['400', '413', '415', '422'];
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(wanted));
      for (const [status, response] of Object.entries(operation.responses)) {
        if (status === '304') expect(response.content).toEqual({});
        else
          expect(Object.keys(response.content)).toEqual([
            Number(status) >= 400 ? 'application/problem+json' : 'application/json',
          ]);
      }
    },
  );

  it('accepts the order request of the specification, and refuses one without a quantity', () => {
    const schema = document.paths['/v1/orders']?.['post'];
    const body = operationSchema.parse(schema).requestBody?.content['application/json'].schema ?? {};
    const validate = new Ajv2020({ strict: false, formats: { uuid: true } }).compile(body);
    const order = {
      signal_id: '00000000-0000-4000-8000-000000000000',
      symbol: 'AAPL',
      side: 'BUY',
      order_type: 'MARKET',
    };
    expect(validate({ ...order, qty: 10 })).toBe(true);
    expect(validate(order)).toBe(false);
  });
});
