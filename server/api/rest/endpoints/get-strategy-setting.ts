import { ALL_SYMBOLS, strategySettingSchema } from '@/server/contracts/strategies';
import { jsonAnswer } from '../answer';
import { endpoint } from '../endpoint';
import { noInput } from '../input';
import { ProblemError } from '../problem';
import { settingTag } from '../setting-tag';

export const getStrategySettingEndpoint = endpoint({
  method: 'GET',
  path: '/v1/strategies/{name}/symbols/{symbol}',
  operationId: 'getStrategySetting',
  summary: 'What a strategy does on a symbol, or with `*` on every symbol without a setting of its own.',
  scope: 'strategies:read',
  allSymbols: true,
  input: noInput,
  answers: [{ status: 200, description: 'The setting, with an ETag for If-Match', schema: strategySettingSchema }],
  handle: async ({ name, symbol, services }) => {
    const strategy = (await services.commands.strategies()).find((each) => each.name === name);
    if (strategy === undefined) throw new ProblemError('NOT_FOUND', 'There is no strategy of that name');
    const setting = strategy.settings.find((each) => each.symbol === symbol);
    const all = strategy.settings.find((each) => each.symbol === ALL_SYMBOLS);
    // A symbol that nobody has named yet goes by the setting of all.
    const origin = all?.origin === 'INITIAL' ? 'INITIAL' : 'ALL';
    const found = setting ?? (all && { ...all, symbol, origin, version: 0, updated_at: null, updated_by: null });
    if (found === undefined) throw new ProblemError('NOT_FOUND', 'The strategy has no settings');
    return jsonAnswer(found, 200, { etag: settingTag(found.version) });
  },
});
