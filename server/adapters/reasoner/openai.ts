import type { Reasoner } from '@/server/application/ports/reasoner';
import type { Dialect } from './dialect';
import { createModelHttp } from './http';
import { MEMO_JSON_SCHEMA } from './memo-json-schema';
import { createModelReasoner } from './model-reasoner';
import { createTokenCounter } from './tokens';

export interface ModelSettings {
  /** Base URL, such as `https://api.openai.com/v1`. */
  readonly url: string;
  readonly model: string;
  readonly key: string | undefined;
}

export const OPENAI_URL = 'https://api.openai.com/v1';

const SCHEMA_FORMAT = {
  type: 'json_schema',
  json_schema: { name: 'memo', strict: true, schema: MEMO_JSON_SCHEMA },
};
const SCHEMA_TEXT = JSON.stringify(MEMO_JSON_SCHEMA);
/** OpenAI adds three tokens per message and three per answer; other chat templates add a few more. */
const MESSAGE_TOKENS = 6;
const ANSWER_TOKENS = 6;

/** Rewrites the request body for the server's dialect. */
function bodyFor(dialect: Dialect) {
  return ({ max_tokens: limit, ...body }: Record<string, unknown>) => ({
    ...body,
    [dialect.limitName]: limit,
    ...(dialect.schema ? { response_format: SCHEMA_FORMAT } : {}),
  });
}

/** Any server with OpenAI's Chat Completions API: OpenAI, vLLM, Ollama, llama.cpp … */
export function createOpenAiReasoner({ url, model, key }: ModelSettings): Reasoner {
  const dialect: Dialect = { schema: true, limitName: 'max_tokens', temperature: true };
  const http = createModelHttp();
  const counter = createTokenCounter(model);
  return createModelReasoner({
    provider: 'openai-compatible',
    context: { model, host: new URL(url).host, key },
    counter,
    http,
    dialect,
    async load() {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
      const provider = createOpenAICompatible({
        name: 'reasoner',
        baseURL: url,
        fetch: http.fetch,
        transformRequestBody: bodyFor(dialect),
        ...(key === undefined ? {} : { apiKey: key }),
      });
      return provider.chatModel(model);
    },
    parameters: ({ schema, temperature }) => ({
      url,
      answer: schema ? 'json_schema' : 'plain',
      ...(temperature ? { temperature: 0 } : {}),
    }),
    // Most servers add the schema to the prompt, so it is always counted.
    overhead: () => ({ call: ANSWER_TOKENS + counter.count(SCHEMA_TEXT), message: MESSAGE_TOKENS }),
  });
}
