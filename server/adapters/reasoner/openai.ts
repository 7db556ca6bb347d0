import type { Reasoner } from '@/server/application/ports/reasoner';
import { createModelHttp } from './http';
import { MEMO_JSON_SCHEMA } from './memo-json-schema';
import { createModelReasoner, type Quirks } from './model-reasoner';
import { createTokenCounter } from './tokens';

export interface ModelSettings {
  /** Without the last part: `https://api.openai.com/v1`. */
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
/** Each message has its role and two marks; an answer begins with three. With room to spare for other templates. */
const MESSAGE_TOKENS = 6;
const ANSWER_TOKENS = 6;

/** The request as this server takes it. */
function bodyFor(quirks: Quirks) {
  return ({ max_tokens: limit, ...body }: Record<string, unknown>) => ({
    ...body,
    ...(quirks.completionTokens ? { max_completion_tokens: limit } : { max_tokens: limit }),
    ...(quirks.noSchema ? {} : { response_format: SCHEMA_FORMAT }),
  });
}

/** Any server with OpenAI's chat completions: OpenAI, vLLM, Ollama, llama.cpp … */
export function createOpenAiReasoner({ url, model, key }: ModelSettings): Reasoner {
  const quirks: Quirks = { noSchema: false, completionTokens: false, noTemperature: false };
  const http = createModelHttp();
  const counter = createTokenCounter(model);
  return createModelReasoner({
    provider: 'openai-compatible',
    context: { model, host: new URL(url).host, key },
    counter,
    http,
    quirks,
    async load() {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
      const provider = createOpenAICompatible({
        name: 'reasoner',
        baseURL: url,
        fetch: http.fetch,
        transformRequestBody: bodyFor(quirks),
        ...(key === undefined ? {} : { apiKey: key }),
      });
      return provider.chatModel(model);
    },
    parameters: ({ noSchema, noTemperature }) => ({
      url,
      answer: noSchema ? 'plain' : 'json_schema',
      ...(noTemperature ? {} : { temperature: 0 }),
    }),
    // Servers put the schema before the model as well; counted even where they turn out not to.
    overhead: () => ({ call: ANSWER_TOKENS + counter.count(SCHEMA_TEXT), message: MESSAGE_TOKENS }),
  });
}
