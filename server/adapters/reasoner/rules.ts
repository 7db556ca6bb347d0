import { type Reasoner, ReasonerError } from '@/server/application/ports/reasoner';
import { rulesDataSchema } from '@/server/domain/reasoning/rules-data';
import { rulesMemo } from '@/server/domain/reasoning/rules-memo';

/** Parses the data block of a prompt. @throws ReasonerError */
function dataOf(prompt: string) {
  const block = /<data>\n([\s\S]*)\n<\/data>/.exec(prompt)?.[1];
  try {
    return rulesDataSchema.parse(JSON.parse(block ?? ''));
  } catch {
    throw new ReasonerError('PROVIDER', 'the rules cannot read the data of this prompt');
  }
}

/** Writes memos by fixed rules from the data that a model would get. Uses no tokens and no connection. */
export function createRulesReasoner(): Reasoner {
  return {
    provider: 'rules',
    model: 'rules-1',
    parameters: {},
    local: true,
    prepare: () => Promise.resolve(),
    countTokens: () => 0,
    overhead: { call: 0, message: 0 },
    async ask({ messages }) {
      const memo = rulesMemo(dataOf(messages[0]?.text ?? ''));
      return { text: JSON.stringify(memo), inputTokens: 0, outputTokens: 0 };
    },
    close: () => Promise.resolve(),
  };
}
