import type { Reasoner } from '@/server/application/ports/reasoner';
import type { Dialect } from './dialect';
import { createModelHttp } from './http';
import { createModelReasoner } from './model-reasoner';
import type { ModelSettings } from './openai';
import { createTokenCounter } from './tokens';

export const ANTHROPIC_URL = 'https://api.anthropic.com/v1';

/** Anthropic's Messages API. The prompt asks for JSON; no schema and no tool is sent. */
export function createAnthropicReasoner({ url, model, key }: ModelSettings): Reasoner {
  const dialect: Dialect = { schema: false, limitName: 'max_tokens', temperature: true };
  const http = createModelHttp();
  return createModelReasoner({
    provider: 'anthropic',
    context: { model, host: new URL(url).host, key },
    counter: createTokenCounter(model, false),
    http,
    dialect,
    async load() {
      const { createAnthropic } = await import('@ai-sdk/anthropic');
      // An undefined key would make the SDK read one from the environment.
      const provider = createAnthropic({ baseURL: url, apiKey: key ?? '', fetch: http.fetch });
      return provider(model);
    },
    parameters: ({ temperature }) => ({ url, answer: 'plain', ...(temperature ? { temperature: 0 } : {}) }),
    overhead: () => ({ call: 20, message: 8 }),
  });
}
