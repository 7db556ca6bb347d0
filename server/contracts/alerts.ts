/** What an alert is about, and what a person does about it. */
export interface AlertInfo {
  /**
   * CRITICAL: orders or positions may be at risk, or trading has stopped; act now. WARNING: something works less well than it
   * should, or awaits a decision.
   */
  readonly severity: 'CRITICAL' | 'WARNING';
  readonly title: string;
  /** Why it is raised. */
  readonly cause: string;
  /** What to do. */
  readonly action: string;
  /** What its subject names. At most one alert of a code and subject is open: the pair is its deduplication key. */
  readonly subject: string;
  /** The console's page that helps. */
  readonly href: string;
}

/** Every alert that this stack raises, by code. Codes are stored: they never change their meaning. */
export const ALERTS = {
  AUDIT: {
    severity: 'CRITICAL',
    title: 'Audit log rewritten',
    cause: 'The audit log in the database is not the one that the worker signed, or its checkpoints were changed.',
    action:
      'Keep a copy of the database and of the checkpoints, and find out who changed them. After restoring a backup, move the checkpoint file aside.',
    subject: 'the audit log',
    href: '/audit',
  },
  BREAK: {
    severity: 'CRITICAL',
    title: 'Reconciliation break',
    cause: 'Our books and the broker’s differ in a position, in cash or in an order.',
    action: 'Compare both sides, find the reason, and resolve the break. Its symbol opens nothing until then.',
    subject: 'the symbol, and what differs',
    href: '/reconciliation',
  },
  BREAK_GLASS: {
    severity: 'CRITICAL',
    title: 'Break-glass',
    cause: 'Trading was stopped directly at the broker, without the database.',
    action: 'Find out why, reconcile, then release trading. The release lifts the suspension at the broker.',
    subject: 'the broker',
    href: '/alerts',
  },
  BROKER: {
    severity: 'CRITICAL',
    title: 'Broker',
    cause: 'The broker does not answer, refuses us, or its stream is silent.',
    action: 'Follow the message; check the keys, the address and the broker’s status page.',
    subject: 'the broker, with the worker’s roles where they are split',
    href: '/system',
  },
  CLOSE_AT_BELL: {
    severity: 'CRITICAL',
    title: 'Close before the bell',
    cause:
      'The stage keeps nothing overnight, and shortly before the close something is held or the holdings are unknown.',
    action: 'Look at the positions at the broker and close them there if need be.',
    subject: 'the positions',
    href: '/alerts',
  },
  DATA_GAP: {
    severity: 'WARNING',
    title: 'Missing bars',
    cause: 'The market data source has not delivered bars of a symbol for a minute; later bars wait for them.',
    action: 'Check the market data source. Strategies on the symbol wait meanwhile.',
    subject: 'the symbol',
    href: '/alerts',
  },
  DATA_STALE_SYMBOL: {
    severity: 'WARNING',
    title: 'Stale quote',
    cause: 'A symbol has had no quote for too long while the market is open.',
    action: 'Check the market data source. Orders on the symbol are rejected meanwhile.',
    subject: 'the symbol',
    href: '/alerts',
  },
  DEAD_MAN: {
    severity: 'CRITICAL',
    title: 'Dead man’s switch',
    cause: 'No worker has reported for longer than DEADMAN_SECONDS.',
    action: 'Start a worker. If the orders must not rest, halt directly at the broker.',
    subject: 'the worker',
    href: '/system',
  },
  ENGINE: {
    severity: 'WARNING',
    title: 'Engine',
    cause:
      'NATS or Redis, which NATS_URL or REDIS_URL names, does not answer. Postgres does its work meanwhile, more slowly.',
    action: 'Follow the message; start the server, or unset the variable and restart the worker.',
    subject: 'the engine, with the worker’s roles where they are split',
    href: '/system',
  },
  EXIT: {
    severity: 'CRITICAL',
    title: 'Exit',
    cause:
      'A position that is to be closed has come no nearer to it for 5 s, or is closed at market without price protection.',
    action: 'Read what it waits for. It goes on without you; close the position at the broker if it must not wait.',
    subject: 'the symbol',
    href: '/portfolio',
  },
  UNPROTECTED: {
    severity: 'CRITICAL',
    title: 'Unprotected position',
    cause: 'For 5 s in market hours, stops have worked for fewer shares than their entries require.',
    action: 'Read what the stop waits for. It goes on without you; close the position if it must not stay unprotected.',
    subject: 'the symbol',
    href: '/portfolio',
  },
  HALT: {
    severity: 'CRITICAL',
    title: 'Trading halted',
    cause: 'A person or a limit halted trading: open orders are cancelled and nothing more is sent.',
    action: 'Find out why, then release trading.',
    subject: 'trading',
    href: '/',
  },
  HISTORY: {
    severity: 'WARNING',
    title: 'Bar history',
    cause: 'A day of bars could not be moved into the history, or differs from what is there.',
    action: 'Read the message; make room on the disk, or compare the day’s bars (docs/history.md).',
    subject: 'the symbol and day, or the compaction as a whole',
    href: '/system',
  },
  LOSS_LIMIT: {
    severity: 'CRITICAL',
    title: 'Loss limit',
    cause:
      'The day’s loss reached a limit: trading only reduces positions, or is halted, and opening orders were cancelled.',
    action:
      'Look into the loss. A release resumes trading; the stop ends without a release only where the policy says so.',
    subject: 'the limit',
    href: '/portfolio',
  },
  MARKET_STREAM: {
    severity: 'WARNING',
    title: 'Market data stream',
    cause: 'The stream of market data is away, or the source refuses it: quotes become stale and strategies wait.',
    action: 'Follow the message; it is connected again automatically when the cause is gone.',
    subject: 'the stream',
    href: '/market',
  },
  OPENING: {
    severity: 'WARNING',
    title: 'Opening balances',
    cause: 'The account was seen for the first time: its balances wait for a signature.',
    action: 'Compare the balances with the broker’s statement and sign for them. Nothing trades before.',
    subject: 'the broker’s account',
    href: '/reconciliation',
  },
  RECONCILIATION: {
    severity: 'CRITICAL',
    title: 'Reconciliation',
    cause: 'Several reconciliation rounds in a row have failed: our books cannot be compared with the broker’s.',
    action: 'See the broker’s state. Positions only shrink until a round succeeds.',
    subject: 'the rounds',
    href: '/reconciliation',
  },
  TIE_OUT: {
    severity: 'CRITICAL',
    title: 'Tie-out',
    cause: 'The newest tie-out failed, or shows differences between our books and the broker’s.',
    action: 'Compare both sides figure by figure, resolve the breaks, then request another tie-out.',
    subject: 'the account',
    href: '/reconciliation',
  },
  UNFOUNDED_ORDER: {
    severity: 'CRITICAL',
    title: 'Order without a decision',
    cause:
      'A stored order does not follow from its decision or approval, or exceeds the worker’s caps. It was not sent.',
    action:
      'Someone may have written to the database. Halt, then compare the order with its decision and the audit log.',
    subject: 'the order',
    href: '/orders',
  },
  WORKER: {
    severity: 'CRITICAL',
    title: 'Worker down',
    cause: 'The worker that sends and books orders has sent no heartbeat for 15 s: it hangs, or it ended.',
    action: 'Look at its log and restart it. Nothing is sent or booked meanwhile; orders at the broker may still fill.',
    subject: 'the worker',
    href: '/system',
  },
} as const satisfies Readonly<Record<string, AlertInfo>>;

export type AlertCode = keyof typeof ALERTS;

const isAlertCode = (code: string): code is AlertCode => Object.hasOwn(ALERTS, code);

/** What a stored code means. A code of another version is shown under its own name. */
export function alertInfo(code: string): AlertInfo {
  if (isAlertCode(code)) return ALERTS[code];
  const words = code.toLowerCase().replaceAll('_', ' ');
  const title = `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  return { severity: 'WARNING', title, cause: '', action: '', subject: '', href: '/alerts' };
}
