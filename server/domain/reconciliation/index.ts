export { type Answered, answered } from './answered';
export { isInferred, isStandIn } from './inferred-fill';
export { matchExecutionId } from './match-execution';
export { findOurs, type OrderPlan, type OrdersView, planOrders } from './plan-orders';
export { reconcileOrder } from './reconcile-order';
export { reconcilePosition, reconcilePositions } from './reconcile-position';
export type * from './types';
