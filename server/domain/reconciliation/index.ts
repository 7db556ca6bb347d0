export { type Answered, answered } from './answered';
export { bookReal, isInferred, isStandIn } from './inferred-fill';
export { isBooked, matchExecutionId } from './match-execution';
export { findOurs, type OrderPlan, type OrdersView, planOrders } from './plan-orders';
export { reconcileOrder } from './reconcile-order';
export { reconcilePositions } from './reconcile-position';
export { termsSince } from './since-adoption';
export type * from './types';
