import type { Commands } from '@/server/application/commands';
import type { MarketReads } from '@/server/application/history/market-reads';
import type { Page } from '@/server/application/page';
import type { SubmitSignal } from '@/server/application/signals/submit-signal';
import type { TokenVerdict } from '@/server/auth/tokens';
import type { ApprovalDetail, ApprovalListQuery, ApprovalView } from '@/server/contracts/approvals';
import type { Readiness } from '@/server/contracts/health';
import type { OrderBody, OrderDetailBody, OrderListQuery } from '@/server/contracts/order';
import type { PortfolioBody } from '@/server/contracts/portfolio';
import type {
  GenerateSignalRequest,
  SignalCandidate,
  SignalDetail,
  SignalListQuery,
  SignalView,
} from '@/server/contracts/signals';
import type { Actor } from '@/server/kernel/actor';
import type { Outcome } from '@/server/kernel/outcome';

/** Reads behind the API. Null stands for not found. */
export interface RestReads {
  /** @throws CursorError */
  orders(query: OrderListQuery): Promise<Page<OrderBody>>;
  order(id: string): Promise<OrderDetailBody | null>;
  /** @throws CursorError */
  approvals(query: ApprovalListQuery): Promise<Page<ApprovalView>>;
  approval(id: string): Promise<ApprovalDetail | null>;
  /** @throws CursorError */
  signals(query: SignalListQuery): Promise<Page<SignalView>>;
  signal(id: string): Promise<SignalDetail | null>;
  portfolio(): Promise<PortfolioBody>;
  readiness(): Promise<Readiness>;
  readonly market: MarketReads;
}

/** What the REST endpoints need from the rest of the stack. */
export interface RestServices {
  readonly commands: Commands;
  /** Runs a strategy for a symbol and stores what it proposes. INVALID: no market data for the symbol. */
  readonly generateSignal: (
    actor: Actor,
    request: GenerateSignalRequest,
  ) => Promise<Outcome<{ candidate: SignalCandidate }>>;
  /** Queues a candidate for the gate. CONFLICT: the id is taken by another one. */
  readonly submitSignal: SubmitSignal;
  readonly reads: RestReads;
  readonly verifyToken: (token: string) => Promise<TokenVerdict>;
  /** Receives the cause of every 500. */
  readonly onFault: (error: unknown, requestId: string) => void;
}
