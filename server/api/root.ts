import { accountRouter } from './routers/account';
import { approvalsRouter } from './routers/approvals';
import { botsRouter } from './routers/bots';
import { eventsRouter } from './routers/events';
import { marketRouter } from './routers/market';
import { ordersRouter } from './routers/orders';
import { policyRouter } from './routers/policy';
import { portfolioRouter } from './routers/portfolio';
import { reasoningRouter } from './routers/reasoning';
import { reconciliationRouter } from './routers/reconciliation';
import { signalsRouter } from './routers/signals';
import { strategiesRouter } from './routers/strategies';
import { systemRouter } from './routers/system';
import { tradingRouter } from './routers/trading';
import { createCallerFactory, router } from './trpc';

export const appRouter = router({
  policy: policyRouter,
  orders: ordersRouter,
  portfolio: portfolioRouter,
  approvals: approvalsRouter,
  trading: tradingRouter,
  reconciliation: reconciliationRouter,
  signals: signalsRouter,
  market: marketRouter,
  strategies: strategiesRouter,
  bots: botsRouter,
  events: eventsRouter,
  reasoning: reasoningRouter,
  system: systemRouter,
  account: accountRouter,
});
export type AppRouter = typeof appRouter;

/** Calls the router in process, for a page's initial data. */
export const createCaller = createCallerFactory(appRouter);
