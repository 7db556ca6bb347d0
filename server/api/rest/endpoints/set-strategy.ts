import { setStrategySchema, strategySettingSchema } from '@/server/contracts/strategies';
import { jsonAnswer, refusalProblem } from '../answer';
import { endpoint } from '../endpoint';
import { jsonBody } from '../input';
import { ProblemError } from '../problem';
import { settingTag, settingVersion } from '../setting-tag';

export const setStrategyEndpoint = endpoint({
  method: 'PUT',
  path: '/v1/strategies/{name}/symbols/{symbol}',
  operationId: 'setStrategy',
  summary: 'Set what a strategy does on a symbol, or with `*` on all others. Running pipelines follow within seconds.',
  scope: 'strategies:write',
  allSymbols: true,
  input: jsonBody(setStrategySchema),
  answers: [{ status: 200, description: 'The setting as it is now', schema: strategySettingSchema }],
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
