import {
  ALL_SYMBOLS,
  setStrategySchema,
  strategyListSchema,
  strategySettingSchema,
} from '@/server/contracts/strategies';
import { jsonAnswer, refusalProblem } from './answer';
import { endpoint } from './endpoint';
import { conditionalAnswer } from './etag';
import { jsonBody, noInput } from './input';
import { ProblemError } from './problem';

/** The ETag of a setting: its version. */
const settingTag = (version: number): string => `"${version}"`;

/** The version that If-Match names; null without the header or for `*`. @throws ProblemError 400 for any other value */
function settingVersion(headers: Headers): number | null {
  const header = headers.get('if-match')?.trim();
  if (header === undefined || header === '*') return null;
  const version = /^(?:W\/)?"(\d{1,15})"$/.exec(header)?.[1];
  if (version === undefined) throw new ProblemError('BAD_REQUEST', 'If-Match: must be the ETag of a setting');
  return Number(version);
}

export const listStrategiesEndpoint = endpoint({
  method: 'GET',
  path: '/v1/strategies',
  operationId: 'listStrategies',
  summary: 'Every strategy with its parameters and the setting of each symbol.',
  scope: 'strategies:read',
  conditional: true,
  input: noInput,
  answers: [{ status: 200, description: 'All strategies', schema: strategyListSchema }],
  handle: async ({ request, services }) =>
    conditionalAnswer(request, { strategies: await services.commands.strategies() }),
});

export const getStrategySettingEndpoint = endpoint({
  method: 'GET',
  path: '/v1/strategies/{name}/symbols/{symbol}',
  operationId: 'getStrategySetting',
  summary: 'The setting of a strategy for a symbol, or with `*` for every symbol without a setting of its own.',
  scope: 'strategies:read',
  allSymbols: true,
  input: noInput,
  answers: [{ status: 200, description: 'The setting, with an ETag for If-Match', schema: strategySettingSchema }],
  handle: async ({ name, symbol, services }) => {
    const strategy = (await services.commands.strategies()).find((each) => each.name === name);
    if (strategy === undefined) throw new ProblemError('NOT_FOUND', 'There is no strategy of that name');
    const setting = strategy.settings.find((each) => each.symbol === symbol);
    const all = strategy.settings.find((each) => each.symbol === ALL_SYMBOLS);
    // A symbol without a setting of its own uses the setting of `*`.
    const origin = all?.origin === 'INITIAL' ? 'INITIAL' : 'ALL';
    const found = setting ?? (all && { ...all, symbol, origin, version: 0, updated_at: null, updated_by: null });
    if (found === undefined) throw new ProblemError('NOT_FOUND', 'The strategy has no settings');
    return jsonAnswer(found, 200, { etag: settingTag(found.version) });
  },
});

export const setStrategyEndpoint = endpoint({
  method: 'PUT',
  path: '/v1/strategies/{name}/symbols/{symbol}',
  operationId: 'setStrategy',
  summary:
    'Change the setting of a strategy for a symbol, or with `*` for all others. Running pipelines follow within seconds.',
  scope: 'strategies:write',
  allSymbols: true,
  input: jsonBody(setStrategySchema),
  answers: [{ status: 200, description: 'The new setting', schema: strategySettingSchema }],
  problems: [412],
  checkHeaders: (headers) => void settingVersion(headers),
  handle: async ({ request, actor, name, symbol, input, services }) => {
    const version = settingVersion(request.headers);
    const outcome = await services.commands.setStrategy(actor, { strategy: name, symbol }, input, version);
    if (outcome.ok) return jsonAnswer(outcome.setting, 200, { etag: settingTag(outcome.setting.version) });
    if (outcome.code === 'CONFLICT') throw new ProblemError('PRECONDITION_FAILED', outcome.message);
    throw refusalProblem(outcome);
  },
});
