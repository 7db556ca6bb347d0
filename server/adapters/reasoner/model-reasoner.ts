import type { LanguageModel } from 'ai';
import { type Reasoner, ReasonerError, type ReasonerRequest } from '@/server/application/ports/reasoner';
import { type FaultContext, findHttp, toReasonerError, wordsOf } from './faults';
import type { ModelHttp } from './http';
import type { TokenCounter } from './tokens';

/** What a server turned out not to take; asked without it from then on. */
export interface Quirks {
  /** No schema for the answer: it is asked for in words alone. */
  noSchema: boolean;
  /** The limit of the output has its newer name. */
  completionTokens: boolean;
  noTemperature: boolean;
}

export interface ModelParts {
  readonly provider: string;
  readonly context: FaultContext;
  readonly counter: TokenCounter;
  readonly http: ModelHttp;
  readonly quirks: Quirks;
  /** The SDK's model. Its module is loaded here, not before. */
  readonly load: () => Promise<LanguageModel>;
  readonly parameters: (quirks: Quirks) => Readonly<Record<string, number | string>>;
  readonly overhead: () => { readonly call: number; readonly message: number };
}

/** Of one token, on average over a whole answer. */
const MAX_CHARACTERS = 30;

/** What of a refused request the server did not take; null when it is not about that, or was left out already. */
function learn(error: unknown, quirks: Quirks): keyof Quirks | null {
  const http = findHttp(error);
  if (http === null || (http.status !== 400 && http.status !== 422)) return null;
  const words = wordsOf(http.body, undefined);
  if (!quirks.noSchema && /response_format|json_schema|structured|guided|schema/i.test(words)) return 'noSchema';
  if (!quirks.completionTokens && /max_tokens|max_completion_tokens/i.test(words)) return 'completionTokens';
  if (!quirks.noTemperature && /temperature/i.test(words)) return 'noTemperature';
  return null;
}

/** A reasoner that asks a model through the SDK: one request a call, nothing repeated, no tools. */
export function createModelReasoner(parts: ModelParts): Reasoner {
  const { context, counter, http, quirks } = parts;
  let loading: Promise<readonly [LanguageModel, typeof import('ai')]> | null = null;

  const load = () => {
    loading ??= Promise.all([parts.load(), import('ai'), counter.load()]).then(([model, sdk]) => {
      globalThis.AI_SDK_LOG_WARNINGS = false;
      return [model, sdk] as const;
    });
    return loading;
  };

  async function generate(request: ReasonerRequest) {
    const [model, { generateText }] = await load();
    return generateText({
      model,
      system: request.system,
      messages: request.messages.map(({ role, text }) => ({ role, content: text })),
      maxOutputTokens: request.maxOutputTokens,
      ...(quirks.noTemperature ? {} : { temperature: 0 }),
      maxRetries: 0,
      abortSignal: request.signal,
      experimental_telemetry: { isEnabled: false },
    });
  }

  /** A request that the server did not take in this form has cost nothing: it is put differently, once for each thing. */
  async function generateAsTaken(request: ReasonerRequest) {
    for (;;) {
      try {
        return await generate(request);
      } catch (error) {
        const refused = request.signal.aborted ? null : learn(error, quirks);
        if (refused === null) throw error;
        quirks[refused] = true;
      }
    }
  }

  return {
    provider: parts.provider,
    model: context.model,
    get parameters() {
      return parts.parameters(quirks);
    },
    local: false,
    get overhead() {
      return parts.overhead();
    },
    async prepare() {
      await load();
    },
    countTokens: (text) => counter.count(text),
    async ask(request) {
      let result: Awaited<ReturnType<typeof generate>>;
      try {
        result = await generateAsTaken(request);
      } catch (error) {
        const reason: unknown = request.signal.aborted ? request.signal.reason : null;
        throw reason instanceof ReasonerError ? reason : toReasonerError(error, context);
      }
      const { text, finishReason, usage } = result;
      if (finishReason === 'content-filter') throw new ReasonerError('REFUSED', 'the model would not answer');
      // Not even counted where it is far too long.
      const long = text.length > request.maxOutputTokens * MAX_CHARACTERS;
      if (finishReason === 'length' || long || counter.plain(text) > request.maxOutputTokens)
        throw new ReasonerError('TOO_LONG', `the answer has more than ${request.maxOutputTokens} tokens`);
      return { text, inputTokens: usage.inputTokens ?? null, outputTokens: usage.outputTokens ?? null };
    },
    close: () => http.close(),
  };
}
