import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Reasoner } from '@/server/application/ports/reasoner';
import type { ReasoningAnswer } from '@/server/application/reasoning/answer';
import type { TimeLimits } from '@/server/application/reasoning/hard-limit';
import { memo1 } from '@/server/application/reasoning/prompts/memo-1';
import { createReasoningService } from '@/server/application/reasoning/service';
import { MemoryReasoningStore } from '@/server/application/reasoning/testing/memory-store';
import { MODEL_KEY, memoText, question } from '@/server/application/reasoning/testing/questions';
import { policyRequestSchema } from '@/server/contracts/policy';
import { compilePolicy, DEFAULT_POLICY_BODY, evaluatePolicy } from '@/server/domain/policy';
import { type ModelReply, type ModelServer, startModelServer } from '@/test-support/model-server';
import { createAnthropicReasoner } from './anthropic';
import { createOpenAiReasoner } from './openai';

/** For what never ends; and for everything else, which a busy machine must not cut off. */
const SHORT = { softMs: 200, hardMs: 600 };
const ENOUGH = { softMs: 10_000, hardMs: 20_000 };
const REAL = { softMs: 8_000, hardMs: 15_000 };

type Provider = 'openai' | 'anthropic';

const CREATE: Readonly<Record<Provider, (url: string) => Reasoner>> = {
  openai: (url) => createOpenAiReasoner({ url, model: 'gpt-4o-mini', key: MODEL_KEY }),
  anthropic: (url) => createAnthropicReasoner({ url, model: 'claude-haiku-4-5', key: MODEL_KEY }),
};

const POLICY = compilePolicy(DEFAULT_POLICY_BODY, 1);

/** What policy makes of a signal that nothing else speaks against. */
function policyOf(answer: ReasoningAnswer): string {
  const { status, memo } = answer;
  const request = policyRequestSchema.parse({
    signal_id: '018f2b1e-7c3a-7d00-8a00-000000000001',
    symbol: 'AAPL',
    candidate_action: 'BUY',
    confidence: 0.9,
    size_pct: 0.01,
    market_context: { data_age_seconds: 1, market_open: true, event_blackout_active: false },
    portfolio_context: { gross_exposure_pct: 0.1, daily_drawdown_pct: 0 },
    reasoning: { status, ...(memo === null ? {} : { recommendation: memo.recommendation }) },
  });
  return evaluatePolicy(request, POLICY, { stage: 'M0_LOCAL' }, 'ACTIVE', 0).decision;
}

const always = (reply: ModelReply) => () => reply;
const text = (content: string, finish?: 'length' | 'refusal'): ModelReply => ({
  kind: 'answer',
  text: content,
  ...(finish === undefined ? {} : { finish }),
});
const status = (code: number, body = '', headers: Record<string, string> = {}): ModelReply => ({
  kind: 'status',
  status: code,
  body,
  headers,
});
const JSON_ERROR = (message: string) => JSON.stringify({ error: { message, type: 'invalid_request_error' } });

interface Mode {
  readonly name: string;
  readonly script: (request: unknown, n: number) => ModelReply;
  readonly attempts: number;
  readonly status: 'OK' | 'FAILED';
  readonly cause: ReasoningAnswer['cause'];
  readonly policy: 'APPROVE' | 'REVIEW';
}

const failed = (name: string, script: Mode['script'], cause: ReasoningAnswer['cause'], attempts = 1): Mode => ({
  name,
  script,
  attempts,
  status: 'FAILED',
  cause,
  policy: 'REVIEW',
});
const fine = (name: string, script: Mode['script'], attempts = 1, policy: Mode['policy'] = 'APPROVE'): Mode => ({
  name,
  script,
  attempts,
  status: 'OK',
  cause: null,
  policy,
});

const MODES: readonly Mode[] = [
  fine('a memo: ALLOW', always(text(memoText()))),
  fine('a memo: ALLOW_WITH_CAUTION', always(text(memoText({ recommendation: 'ALLOW_WITH_CAUTION' }))), 1, 'REVIEW'),
  fine('a memo: AVOID', always(text(memoText({ recommendation: 'AVOID' }))), 1, 'REVIEW'),
  fine('invalid JSON, repaired', (_, n) => text(n === 1 ? 'Sure! Here it is' : memoText()), 2),
  failed('invalid JSON twice', always(text('{"thesis": ')), 'INVALID', 2),
  failed('wrong schema twice', always(text('{"verdict":"buy"}')), 'INVALID', 2),
  failed('cites what was not supplied', always(text(memoText({ cited_news_ids: ['n99'] }))), 'INVALID', 2),
  failed('names another symbol', always(text(memoText({ thesis: 'Buy MSFT instead.' }))), 'INVALID', 2),
  failed('over-long, cut off', always(text('{"thesis": "so', 'length')), 'TOO_LONG'),
  failed('over-long, limit ignored', always(text(memoText({ thesis: 'word '.repeat(900) }))), 'TOO_LONG'),
  failed('refusal', always(text('I cannot help with that.', 'refusal')), 'REFUSED'),
  failed('wrong key (401)', always(status(401, JSON_ERROR(`Incorrect API key provided: ${MODEL_KEY}`))), 'KEY'),
  failed('unknown model (404)', always(status(404, JSON_ERROR('The model does not exist'))), 'MODEL'),
  failed('429 with Retry-After', always(status(429, JSON_ERROR('slow down'), { 'retry-after': '7' })), 'RATE_LIMITED'),
  failed('500', always(status(500, '<html>oops</html>')), 'PROVIDER'),
  failed('529 overloaded', always(status(529, JSON_ERROR('Overloaded'))), 'PROVIDER'),
  failed('redirect', always(status(302, '', { location: 'http://127.0.0.1:1/' })), 'PROVIDER'),
  failed('a body that is no JSON', always(status(200, 'it works!')), 'PROVIDER'),
  failed('a body of another form', always(status(200, '{"object":"list"}')), 'PROVIDER'),
  failed('truncated body', always({ kind: 'truncated', text: memoText() }), 'PROVIDER'),
  failed('connection reset', always({ kind: 'reset' }), 'PROVIDER'),
  failed('an answer without end', always({ kind: 'endless' }), 'PROVIDER'),
  failed('no headers', always({ kind: 'silent' }), 'TIMEOUT'),
  failed('a byte now and then', always({ kind: 'drip', everyMs: 20 }), 'TIMEOUT'),
];

const rows: string[] = [];
let server: ModelServer;

beforeAll(async () => {
  server = await startModelServer();
});
afterAll(async () => {
  await server.close();
  process.stdout.write(
    `\n| provider | failure | attempts | status | cause | ms | policy |\n|---|---|---|---|---|---|---|\n${rows.join('\n')}\n`,
  );
});

function serviceOf(reasoner: Reasoner, limits: TimeLimits) {
  return createReasoningService({
    reasoner,
    store: new MemoryReasoningStore(),
    template: memo1,
    sha256: () => 'hash',
    nowMs: () => performance.now(),
    signal: new AbortController().signal,
    concurrency: 2,
    limits,
  });
}

async function ask(provider: Provider, url: string, limits: TimeLimits = ENOUGH) {
  const reasoner = CREATE[provider](url);
  // Loading the SDK is not part of what is measured.
  await reasoner.prepare();
  const service = serviceOf(reasoner, limits);
  const startedMs = performance.now();
  const answer = await service.answer(question());
  const ms = Math.round(performance.now() - startedMs);
  await service.close();
  return { answer, ms };
}

function note(provider: Provider, name: string, answer: ReasoningAnswer, ms: number, timeoutMs = SHORT.hardMs) {
  const over = answer.cause === 'TIMEOUT' ? ` (${ms - timeoutMs} after the limit)` : '';
  rows.push(
    `| ${provider} | ${name} | ${answer.attempts.length} | ${answer.status} | ${answer.cause ?? ''} | ${ms}${over} | ${policyOf(answer)} |`,
  );
}

vi.setConfig({ testTimeout: 60_000 });

describe.each<Provider>(['openai', 'anthropic'])('%s', (provider) => {
  it.each(MODES)('$name', async (mode) => {
    server.script(mode.script);
    const { answer, ms } = await ask(provider, server.url, mode.cause === 'TIMEOUT' ? SHORT : ENOUGH);
    note(provider, mode.name, answer, ms);
    expect({ ...answer, attempts: answer.attempts.length }).toMatchObject({
      status: mode.status,
      cause: mode.cause,
      attempts: mode.attempts,
    });
    expect(server.requests).toHaveLength(mode.attempts);
    expect(policyOf(answer)).toBe(mode.policy);
    expect(JSON.stringify(answer)).not.toContain(MODEL_KEY);
    if (answer.fault !== null) expect(answer.fault).toMatch(/^[^\n<]{10,500}$/);
    // Much longer than needed: a busy machine must not fail it, a call that is not aborted does.
    if (mode.cause === 'TIMEOUT') expect(ms).toBeLessThan(SHORT.hardMs + 5_000);
    await server.idle();
    expect(server.openSockets).toBe(0);
  });

  it('a host that is not there', async () => {
    const { answer, ms } = await ask(provider, 'http://127.0.0.1:9/v1');
    note(provider, 'unreachable host', answer, ms);
    expect(answer).toMatchObject({ status: 'FAILED', cause: 'UNREACHABLE' });
    expect(answer.fault).toBe('UNREACHABLE: 127.0.0.1:9 cannot be reached (ECONNREFUSED)');
    expect(policyOf(answer)).toBe('REVIEW');
  });

  it('a memo carries what it cost', async () => {
    server.script(always(text(memoText())));
    const { answer } = await ask(provider, server.url);
    expect(answer).toMatchObject({ inputTokens: 1_000, outputTokens: 150, attempts: [{ inputTokens: 1_000 }] });
  });

  it('is sent nothing but the prompt: no tools, no streaming, and its output limited', async () => {
    server.script(always(text(memoText())));
    await ask(provider, server.url);
    const sent = server.requests[0];
    expect(sent?.body).toMatchObject({ max_tokens: 700, temperature: 0 });
    expect(sent?.body).not.toHaveProperty('tools');
    expect(sent?.body).not.toHaveProperty('stream', true);
    expect(sent?.texts).toHaveLength(2);
  });
});

it('the hard limit of 15 s as it ships: aborted then, and the connection closed', async () => {
  server.script(always({ kind: 'silent' }));
  const { answer, ms } = await ask('openai', server.url, REAL);
  note('openai', 'no headers, limits as shipped', answer, ms, REAL.hardMs);
  expect(answer).toMatchObject({
    status: 'FAILED',
    cause: 'TIMEOUT',
    slow: true,
    fault: 'TIMEOUT: no memo within 15 s',
  });
  expect(ms).toBeGreaterThanOrEqual(REAL.hardMs - 5);
  expect(ms).toBeLessThan(REAL.hardMs + 5_000);
  await server.idle();
});

describe('a server that does not take everything', () => {
  const REFUSALS = [
    ['response_format', 'response_format json_schema is not supported', { noSchema: true }],
    ['max_tokens', "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", { completion: true }],
    ['temperature', "Unsupported value: 'temperature' does not support 0", { noTemperature: true }],
  ] as const;

  it.each(REFUSALS)('is asked without %s, once, and from then on', async (field, message) => {
    const refused = (request: unknown) =>
      typeof request === 'object' &&
      request !== null &&
      'body' in request &&
      Object.hasOwn(Object(request.body), field);
    server.script((request) => (refused(request) ? status(400, JSON_ERROR(message)) : text(memoText())));
    const reasoner = CREATE.openai(server.url);
    const service = serviceOf(reasoner, ENOUGH);
    for (const requests of [2, 3]) {
      expect(await service.answer(question())).toMatchObject({ status: 'OK', attempts: [{ fault: null }] });
      expect(server.requests).toHaveLength(requests);
    }
    await service.close();
  });

  const CONTEXT_LENGTH =
    "'max_tokens' or 'max_completion_tokens' is too large: 700. This model's maximum context length is 4096 tokens and your request has 3900 input tokens";

  it.each([
    ['the length of the context', 400, JSON_ERROR(CONTEXT_LENGTH)],
    [
      'the size of the output',
      400,
      JSON_ERROR('max_tokens: 700 > 512, which is the maximum allowed number of output tokens'),
    ],
    [
      'the context, in other words',
      400,
      JSON_ERROR('This model does not support a context of 4600 tokens: reduce max_tokens'),
    ],
    ['a bad value', 400, JSON_ERROR("Invalid value for 'temperature': must be a number")],
    ['the schema, which it could not keep to', 400, JSON_ERROR('The answer did not match the json_schema: try again')],
    ['a failure of its own', 500, JSON_ERROR("Unsupported parameter: 'max_tokens'")],
  ])('keeps its parameters after an error about %s', async (_, code, body) => {
    const reasoner = CREATE.openai(server.url);
    const service = serviceOf(reasoner, ENOUGH);
    server.script(always(status(code, body)));
    expect(await service.answer(question())).toMatchObject({ status: 'FAILED', cause: 'PROVIDER' });
    expect(server.requests).toHaveLength(1);
    server.script(always(text(memoText())));
    expect(await service.answer(question())).toMatchObject({ status: 'OK' });
    expect(server.requests[0]?.body).toMatchObject({ max_tokens: 700, temperature: 0, response_format: {} });
    await service.close();
  });

  it.each([
    [
      'OpenAI',
      400,
      {
        error: {
          message:
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
          type: 'invalid_request_error',
          param: 'max_tokens',
          code: 'unsupported_parameter',
        },
      },
      'max_tokens',
    ],
    [
      'OpenAI, a value',
      400,
      {
        error: {
          message:
            "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
          param: 'temperature',
          code: 'unsupported_value',
        },
      },
      'temperature',
    ],
    [
      'OpenAI, an older model',
      400,
      {
        error: {
          message: "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
          param: null,
          code: null,
        },
      },
      'response_format',
    ],
    [
      'by its code alone',
      400,
      { error: { message: 'Bad request.', param: 'temperature', code: 'unsupported_parameter' } },
      'temperature',
    ],
    [
      'pydantic',
      422,
      {
        detail: [{ type: 'extra_forbidden', loc: ['body', 'response_format'], msg: 'Extra inputs are not permitted' }],
      },
      'response_format',
    ],
    [
      'Groq',
      400,
      { error: { message: 'This model does not support response format `json_schema`.' } },
      'response_format',
    ],
    ['DeepSeek', 400, { error: { message: 'This response_format type is unavailable now' } }, 'response_format'],
    [
      'llama.cpp',
      400,
      { error: { message: 'response_format type must be one of "text" or "json_object", but got: json_schema' } },
      'response_format',
    ],
    ['text alone', 400, 'unknown field: temperature', 'temperature'],
  ])('says so in the words of %s', async (_, code, body, field) => {
    const refusal = status(code, typeof body === 'string' ? body : JSON.stringify(body));
    server.script(({ body: sent }) => (Object.hasOwn(Object(sent), field) ? refusal : text(memoText())));
    const { answer } = await ask('openai', server.url);
    expect(answer).toMatchObject({ status: 'OK' });
    expect(server.requests).toHaveLength(2);
  });

  it('is asked in the right dialect again after a restart of either side', async () => {
    const only = (name: string) => (request: { readonly body: unknown }) => {
      const other = name === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
      const words = `Unsupported parameter: '${other}'. Use '${name}' instead.`;
      return Object.hasOwn(Object(request.body), other) ? status(400, JSON_ERROR(words)) : text(memoText());
    };
    for (const restart of [1, 2]) {
      const reasoner = CREATE.openai(server.url);
      const service = serviceOf(reasoner, ENOUGH);
      server.script(only('max_completion_tokens'));
      expect({ restart, ...(await service.answer(question())) }).toMatchObject({ restart, status: 'OK' });
      expect(server.requests).toHaveLength(2);
      // Another version of the server stands at the address now.
      server.script(only('max_tokens'));
      expect(await service.answer(question())).toMatchObject({ status: 'OK' });
      expect(server.requests).toHaveLength(2);
      await service.close();
    }
  });

  it('that refuses both names of the limit is asked twice and no more', async () => {
    server.script(({ body }) => {
      const name = Object.hasOwn(Object(body), 'max_tokens') ? 'max_tokens' : 'max_completion_tokens';
      return status(400, JSON_ERROR(`Unsupported parameter: '${name}'`));
    });
    const { answer } = await ask('openai', server.url);
    expect(answer).toMatchObject({ status: 'FAILED', cause: 'PROVIDER' });
    expect(server.requests).toHaveLength(2);
  });

  it('is asked twice by each of several calls at once, whichever hears of it first', async () => {
    server.script(({ body }) =>
      Object.hasOwn(Object(body), 'max_tokens')
        ? status(400, JSON_ERROR("Unsupported parameter: 'max_tokens'"))
        : text(memoText()),
    );
    const service = serviceOf(CREATE.openai(server.url), ENOUGH);
    const answers = await Promise.all([service.answer(question()), service.answer(question())]);
    expect(answers).toMatchObject([{ status: 'OK' }, { status: 'OK' }]);
    await service.close();
  });

  it('is not asked again about anything else', async () => {
    server.script(always(status(400, JSON_ERROR('the prompt is too long'))));
    const { answer } = await ask('openai', server.url);
    expect(answer).toMatchObject({ cause: 'PROVIDER', fault: expect.stringContaining('the prompt is too long') });
    expect(server.requests).toHaveLength(1);
  });
});

describe('a model that spends its tokens on reasoning', () => {
  const completion = (message: object, finish: string, details: object) =>
    status(
      200,
      JSON.stringify({
        choices: [{ index: 0, finish_reason: finish, message: { role: 'assistant', ...message } }],
        usage: { prompt_tokens: 1_500, completion_tokens: 690, ...details },
      }),
    );
  const REASONED = { completion_tokens_details: { reasoning_tokens: 690 } };

  it.each([
    ['with nothing left', completion({ content: '' }, 'length', REASONED)],
    ['with no content at all', completion({ content: null }, 'length', REASONED)],
    ['kept apart from the answer', completion({ content: '', reasoning_content: 'The trend' }, 'length', {})],
    ['inside the answer', completion({ content: '<think>The trend' }, 'length', {})],
  ])('%s: the fault says so, and what was reported is booked', async (_, reply) => {
    server.script(always(reply));
    const { answer } = await ask('openai', server.url);
    expect(answer).toMatchObject({
      status: 'FAILED',
      cause: 'TOO_LONG',
      fault: expect.stringContaining('on reasoning'),
      inputTokens: 1_500,
      outputTokens: 690,
    });
  });

  it('is not blamed for it without a sign of it', async () => {
    server.script(always(completion({ content: '' }, 'length', {})));
    const { answer } = await ask('openai', server.url);
    expect(answer).toMatchObject({
      cause: 'TOO_LONG',
      fault: expect.stringContaining('wrote nothing'),
      outputTokens: 690,
    });
  });

  it('may write more than it was allowed: what it reports is booked', async () => {
    server.script(always(text('{"thesis": "so', 'length')));
    const { answer } = await ask('openai', server.url);
    expect(answer).toMatchObject({ cause: 'TOO_LONG', inputTokens: 1_000, outputTokens: 150 });
  });
});
