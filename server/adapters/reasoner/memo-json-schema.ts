import { riskFlagSchema } from '@/server/contracts/memo';

const text = { type: 'string' } as const;
const list = (items: object) => ({ type: 'array', items });

/**
 * JSON schema of a memo for servers with structured outputs. It uses only keywords that all of them support; `checkMemo` checks
 * the rest.
 */
export const MEMO_JSON_SCHEMA = {
  type: 'object',
  properties: {
    signal_id: text,
    thesis: text,
    counter_thesis: text,
    risk_flags: list({ type: 'string', enum: riskFlagSchema.options }),
    risk_notes: list(text),
    recommendation: { type: 'string', enum: ['ALLOW', 'ALLOW_WITH_CAUTION', 'AVOID'] },
    cited_news_ids: list(text),
  },
  required: ['signal_id', 'thesis', 'counter_thesis', 'risk_flags', 'risk_notes', 'recommendation', 'cited_news_ids'],
  additionalProperties: false,
};
