import type { Reasoner } from '@/server/application/ports/reasoner';
import { ANTHROPIC_URL, createAnthropicReasoner } from './anthropic';
import { createOpenAiReasoner, OPENAI_URL } from './openai';
import { createRulesReasoner } from './rules';

export interface ReasonerSettings {
  readonly REASONER: 'rules' | 'openai' | 'anthropic' | 'none';
  readonly REASONER_URL?: string | undefined;
  readonly REASONER_MODEL?: string | undefined;
  readonly REASONER_KEY?: string | undefined;
}

/** Creates the reasoner chosen by the settings; null for `none`. */
export function createReasoner(settings: ReasonerSettings): Reasoner | null {
  const { REASONER: kind, REASONER_URL: url, REASONER_MODEL: model = '', REASONER_KEY: key } = settings;
  const at = (standard: string) => (url ?? standard).replace(/\/+$/, '');
  switch (kind) {
    case 'none':
      return null;
    case 'rules':
      return createRulesReasoner();
    case 'openai':
      return createOpenAiReasoner({ url: at(OPENAI_URL), model, key });
    case 'anthropic':
      return createAnthropicReasoner({ url: at(ANTHROPIC_URL), model, key });
  }
}
