import type { BotAccount } from '@/server/application/ports/bot-account';
import { uuidFromText } from '@/server/domain/strategy';
import { formatMoney, notional, parseMoney, parseUnits } from '@/server/kernel/money';
import { badField, unavailable, unsupported } from '../errors';
import { instant } from '../query';
import type { Answer, Call, Route } from '../route';

const DAY_MS = 86_400_000;
const PERIOD_DAYS: Readonly<Record<string, number>> = { D: 1, W: 7, M: 31, A: 366 };

/** @throws ApiError 503 while the worker has not read the account */
async function known({ services }: Call): Promise<BotAccount & { readonly readAtMs: number }> {
  const account = await services.account.account();
  const readAtMs = account?.readAtMs ?? null;
  if (account === null || readAtMs === null) throw unavailable('the account has not been read from the broker yet');
  return { ...account, readAtMs };
}

async function invested({ services }: Call): Promise<string> {
  const positions = await services.account.positions();
  let total = 0n;
  for (const { qty, cost, price } of positions)
    total += price === null ? parseMoney(cost) : notional(parseUnits(qty), parseUnits(price));
  return formatMoney(total);
}

async function getAccount(call: Call): Promise<Answer> {
  const [account, longValue] = await Promise.all([known(call), invested(call)]);
  const { cash, equity, buyingPower, lastEquity, tradingState } = account;
  const name = account.brokerAccountId ?? 'unknown';
  return {
    status: 200,
    body: {
      id: uuidFromText(`account ${name}`),
      account_number: name,
      status: 'ACTIVE',
      crypto_status: 'INACTIVE',
      currency: 'USD',
      cash,
      portfolio_value: equity,
      equity,
      last_equity: lastEquity,
      long_market_value: longValue,
      short_market_value: '0',
      position_market_value: longValue,
      initial_margin: longValue,
      maintenance_margin: longValue,
      last_maintenance_margin: '0',
      sma: '0',
      buying_power: buyingPower,
      regt_buying_power: buyingPower,
      non_marginable_buying_power: buyingPower,
      effective_buying_power: buyingPower,
      options_buying_power: '0',
      multiplier: '1',
      accrued_fees: '0',
      balance_asof: account.tradingDay ?? undefined,
      created_at: new Date(account.readAtMs).toISOString(),
      // A halt lets no order of a bot through, whatever the broker would do.
      trading_blocked: tradingState === 'HALTED',
      transfers_blocked: false,
      account_blocked: false,
      trade_suspended_by_user: tradingState === 'HALTED',
      shorting_enabled: false,
      options_approved_level: 0,
      options_trading_level: 0,
      countersign: {
        trading_state: tradingState,
        reason: account.tradingReason,
        as_of: new Date(account.readAtMs).toISOString(),
      },
    },
  };
}

async function getConfigurations(call: Call): Promise<Answer> {
  const account = await call.services.account.account();
  return {
    status: 200,
    body: {
      fractional_trading: true,
      max_margin_multiplier: '1',
      max_options_trading_level: 0,
      no_shorting: true,
      ptp_no_exception_entry: false,
      suspend_trade: account?.tradingState === 'HALTED',
      trade_confirm_email: 'none',
      disable_overnight_trading: true,
    },
  };
}

/** Equity over time; the profit is counted from its first point. */
async function getHistory(call: Call): Promise<Answer> {
  const { query, services } = call;
  const period = /^(\d{1,4})([DWMA])$/.exec(query.get('period') ?? '1M');
  if (period === null) throw badField('period must be a number and D, W, M or A');
  const nowMs = services.nowMs();
  const toMs = instant(query, 'end') ?? nowMs;
  const fromMs = instant(query, 'start') ?? toMs - Number(period[1]) * (PERIOD_DAYS[period[2] ?? 'D'] ?? 1) * DAY_MS;
  if (fromMs >= toMs) throw badField('start must be before end');
  const points = await services.account.equity(fromMs, toMs);
  const equity = points.map((point) => Number(point.equity));
  const base = equity[0] ?? 0;
  return {
    status: 200,
    body: {
      timestamp: points.map(({ atMs }) => Math.floor(atMs / 1_000)),
      equity,
      profit_loss: equity.map((value) => value - base),
      profit_loss_pct: equity.map((value) => (base === 0 ? 0 : (value - base) / base)),
      base_value: base,
      timeframe: '5Min',
    },
  };
}

export const accountRoutes: readonly Route[] = [
  { method: 'GET', path: '/v2/account', scope: 'portfolio:read', handle: getAccount },
  { method: 'GET', path: '/v2/account/configurations', scope: 'portfolio:read', handle: getConfigurations },
  {
    method: 'PATCH',
    path: '/v2/account/configurations',
    scope: 'portfolio:read',
    handle: async () => {
      throw unsupported('changing the account’s configuration is');
    },
  },
  { method: 'GET', path: '/v2/account/portfolio/history', scope: 'portfolio:read', handle: getHistory },
];
