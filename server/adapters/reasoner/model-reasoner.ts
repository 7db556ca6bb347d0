import type { LanguageModel } from 'ai';
import {
  type Reasoner,
  ReasonerError,
  type ReasonerFaultKind,
  type ReasonerRequest,
} from '@/server/application/ports/reasoner';
import { readAnswer } from '@/server/domain/reasoning/read-answer';
import { changeDialect, type Dialect, type DialectPart, unsupportedPart } from './dialect';
import { type FaultContext, toReasonerError } from './faults';
import type { ModelHttp } from './http';
import type { TokenCounter } from './tokens';

export interface ModelParts {
  readonly provider: string;
  readonly context: FaultContext;
  readonly counter: TokenCounter;
  readonly http: ModelHttp;
  /** The initial dialect. Changes are kept in memory, so a restart begins with this one again. */
  readonly dialect: Dialect;
  /** Loads the SDK's module and creates its model. */
  readonly load: () => Promise<LanguageModel>;
  readonly parameters: (dialect: Dialect) => Readonly<Record<string, number | string>>;
  readonly overhead: () => { readonly call: number; readonly message: number };
}

/** Upper bound for characters per token, averaged over an answer. */
const MAX_CHARACTERS = 30;

const SPENT_ON_REASONING =
  'the model spent all its output tokens on reasoning and wrote no answer: switch its reasoning off, or choose another model';

/** A reasoner that calls a model through the SDK: one request per call, without retries or tools. */
export function createModelReasoner(parts: ModelParts): Reasoner {
  const { context, counter, http, dialect } = parts;
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
      ...(dialect.temperature ? { temperature: 0 } : {}),
      maxRetries: 0,
      abortSignal: request.signal,
      experimental_telemetry: { isEnabled: false },
    });
  }

  /**
   * Sends the request again without a parameter that the server does not support; a refused request costs nothing. Each parameter
   * changes at most once per call, and the change holds for later calls.
   */
  async function generateAsSupported(request: ReasonerRequest) {
    const refused = new Set<DialectPart>();
    for (;;) {
      const sent = { ...dialect };
      try {
        return await generate(request);
      } catch (error) {
        const part = request.signal.aborted ? null : unsupportedPart(error, sent);
        if (part === null || refused.has(part)) throw error;
        refused.add(part);
        // A concurrent call may have changed it already.
        if (dialect[part] === sent[part]) changeDialect(dialect, part);
      }
    }
  }

  return {
    provider: parts.provider,
    model: context.model,
    get parameters() {
      return parts.parameters(dialect);
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
        result = await generateAsSupported(request);
      } catch (error) {
        const reason: unknown = request.signal.aborted ? request.signal.reason : null;
        throw reason instanceof ReasonerError ? reason : toReasonerError(error, context);
      }
      const { text, finishReason, usage, reasoningText } = result;
      const { maxOutputTokens } = request;
      const used = { inputTokens: usage.inputTokens ?? null, outputTokens: usage.outputTokens ?? null };
      const failed = (kind: ReasonerFaultKind, message: string) => new ReasonerError(kind, message, null, used);
      if (finishReason === 'content-filter') throw failed('REFUSED', 'the model would not answer');
      if (finishReason === 'length' && text.trim() === '') {
        const thought = (usage.outputTokenDetails.reasoningTokens ?? 0) > 0 || (reasoningText ?? '') !== '';
        throw failed(
          'TOO_LONG',
          thought ? SPENT_ON_REASONING : `the model wrote nothing within ${maxOutputTokens} tokens`,
        );
      }
      if (finishReason === 'length' && readAnswer(text).kind === 'unfinished')
        throw failed('TOO_LONG', SPENT_ON_REASONING);
      // Texts that are far too long are not tokenized.
      const long = text.length > maxOutputTokens * MAX_CHARACTERS;
      if (finishReason === 'length' || long || counter.plain(text) > maxOutputTokens)
        throw failed('TOO_LONG', `the answer has more than ${maxOutputTokens} tokens`);
      return { text, ...used };
    },
    close: () => http.close(),
  };
}
