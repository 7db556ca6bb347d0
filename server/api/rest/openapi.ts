import { z } from 'zod';
import { livenessSchema, readinessSchema } from '@/server/contracts/health';
import { gateRejectionSchema } from '@/server/contracts/placement';
import { problemSchema } from '@/server/contracts/problem';
import { settingSymbolSchema } from '@/server/contracts/strategies';
import { symbolSchema } from '@/server/contracts/symbol';
import { type Described, type Endpoint, neededScopes, pathNames } from './endpoint';

type Json = Readonly<Record<string, unknown>>;

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'Not usable: not JSON (with the position), or a header is missing or malformed',
  401: 'No token, or one that is unknown, expired or revoked',
  403: 'The token lacks the scope; `missing_scope` names it',
  404: 'There is nothing with that id',
  405: 'The address does not answer this method; `Allow` names those that it does',
  409: 'It does not fit the present state: a key reused, still in flight, or a conflict',
  412: 'What If-Match names is not the present state: read it again',
  413: 'The body is larger than 64 kB',
  415: 'The body is not application/json',
  422: 'Not valid; `errors` names each field',
  500: 'A fault of this server; `request_id` finds it in the log',
  503: 'Temporarily unavailable: repeat the same request after `Retry-After` seconds',
};

const REQUEST_ID_HEADER = {
  'X-Request-Id': { description: 'Finds the request in logs and audit.', schema: { type: 'string' } },
};

/** The OpenAPI 3.1 description, generated from the schemas that check the requests. */
export function openApiDocument(endpoints: readonly Endpoint[]): Json {
  const paths: Record<string, Record<string, Json>> = {
    '/health/live': { get: openOperation('live', 'The process answers.', [200], livenessSchema) },
    '/health/ready': {
      get: openOperation(
        'ready',
        'The stack can trade: database, migrations, worker, portfolio.',
        [200, 503],
        readinessSchema,
      ),
    },
    '/v1/openapi.json': {
      get: openOperation('openapi', 'This description.', [200], z.record(z.string(), z.unknown())),
    },
  };
  for (const target of endpoints) {
    paths[target.path] = { ...paths[target.path], [target.method.toLowerCase()]: operation(target) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Countersign',
      version: '1',
      description: 'Machines propose trades, deterministic policy judges them, people countersign what goes to review.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'countersign token create' } },
      schemas: { Problem: schemaOf(problemSchema, 'output'), GateRejection: schemaOf(gateRejectionSchema, 'output') },
    },
  };
}

function operation(target: Endpoint): Json {
  const parameters = [
    ...pathParameters(target),
    ...queryParameters(target),
    ...(target.idempotent ? [IDEMPOTENCY_KEY] : []),
    ...(target.problems.includes(412) ? [IF_MATCH] : []),
    ...(target.conditional ? [IF_NONE_MATCH] : []),
  ];
  const scopes = neededScopes(target);
  return {
    operationId: target.operationId,
    summary: target.summary,
    description: `Needs the scope${scopes.length > 1 ? 's' : ''} ${scopes.map((scope) => `\`${scope}\``).join(' and ')}.`,
    security: [{ token: scopes }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(target.inputKind === 'body' ? { requestBody: requestBody(target) } : {}),
    responses: Object.fromEntries([
      ...target.answers.map((answer) => [String(answer.status), success(answer, target)]),
      ...(target.conditional ? [['304', NOT_MODIFIED]] : []),
      ...target.problems.map((status) => [String(status), problem(status, target.idempotent === true)]),
    ]),
  };
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  description: 'The same key and payload give the first answer again, byte for byte; another payload is a 409.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x20-\\x7e]+$' },
};

const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'The ETag of the state that the change was made from: another one by now is a 412.',
  schema: { type: 'string' },
};

const IF_NONE_MATCH = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description: 'The ETag of an earlier answer: 304 without a body while it still holds.',
  schema: { type: 'string' },
};

const ETAG_HEADER = { ETag: { description: 'For If-None-Match.', schema: { type: 'string' } } };

const NOT_MODIFIED = {
  description: 'What If-None-Match names still holds (304)',
  headers: { ...REQUEST_ID_HEADER, ...ETAG_HEADER },
};

function pathParameters(target: Endpoint): readonly Json[] {
  const schemas: Readonly<Record<string, Json>> = {
    symbol: schemaOf(target.allSymbols === true ? settingSymbolSchema : symbolSchema, 'input'),
    name: { type: 'string' },
    id: { type: 'string', format: 'uuid' },
  };
  return pathNames(target.path).map((name) => ({ name, in: 'path', required: true, schema: schemas[name] ?? {} }));
}

const objectSchema = z.object({
  properties: z.record(z.string(), z.record(z.string(), z.unknown())),
  required: z.array(z.string()).default([]),
});

function queryParameters(target: Endpoint): readonly Json[] {
  if (target.inputKind !== 'query' || target.inputSchema === null) return [];
  // The types after parsing: before it, everything in a query is text.
  const { properties } = objectSchema.parse(schemaOf(target.inputSchema, 'output'));
  const { required } = objectSchema.parse(schemaOf(target.inputSchema, 'input'));
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function requestBody(target: Endpoint): Json {
  const schema = target.inputSchema === null ? {} : schemaOf(target.inputSchema, 'input');
  return { required: true, content: { 'application/json': { schema } } };
}

function success({ status, description, schema }: Described, { idempotent, conditional }: Endpoint): Json {
  const replayed = {
    'Idempotency-Replayed': {
      description: '`true` when this is the stored answer of an earlier request.',
      schema: { type: 'string' },
    },
  };
  return {
    description: `${description} (${status})`,
    headers: { ...REQUEST_ID_HEADER, ...(idempotent ? replayed : {}), ...(conditional ? ETAG_HEADER : {}) },
    content: { 'application/json': { schema: schemaOf(schema, 'output') } },
  };
}

function problem(status: number, gated: boolean): Json {
  const plain = { $ref: '#/components/schemas/Problem' };
  const schema = gated && status === 422 ? { anyOf: [plain, { $ref: '#/components/schemas/GateRejection' }] } : plain;
  return {
    description: PROBLEMS[status] ?? 'A problem',
    headers: REQUEST_ID_HEADER,
    content: { 'application/problem+json': { schema } },
  };
}

function openOperation(operationId: string, summary: string, statuses: readonly number[], schema: z.ZodType): Json {
  const answer = (status: number) => [
    String(status),
    {
      description: status === 200 ? 'Yes' : 'No; the components say why',
      content: { 'application/json': { schema: schemaOf(schema, 'output') } },
    },
  ];
  return {
    operationId,
    summary,
    security: [],
    responses: Object.fromEntries([...statuses.map(answer), ['405', problem(405, false)]]),
  };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
  });
  return rest;
}
