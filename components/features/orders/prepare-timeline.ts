import { formatPct, NONE } from '@/components/format/number';
import { recordText } from '@/components/format/record';
import { DECISION } from '@/components/status/decisions';
import type { Tone } from '@/components/status/tone';
import type { OrderDetail, RuleHit } from '@/components/trpc/types';

/** One entry of an order's timeline. */
export interface TimelineItem {
  readonly key: string;
  readonly at: string;
  readonly title: string;
  readonly detail: string;
  readonly tone: Tone;
  readonly by: string;
  readonly hits: readonly RuleHit[];
  readonly href: string | null;
}

const EVALUATION: Readonly<Record<string, string>> = {
  ADVISORY: 'Advisory evaluation',
  GATE: 'Policy decision',
  APPROVAL: 'Policy check at approval',
  SUBMIT: 'Policy check before sending',
};

interface EventLook {
  readonly title: string;
  readonly tone: Tone;
}

/** Titles of events. An unknown event is shown under its own name. */
const EVENTS: Readonly<Record<string, EventLook>> = {
  created: { title: 'Order created', tone: 'neutral' },
  claimed: { title: 'Claimed for sending', tone: 'neutral' },
  sent: { title: 'Sent to the broker', tone: 'primary' },
  submit_uncertain: { title: 'Not confirmed by the broker: looking it up', tone: 'danger' },
  submit_absent: { title: 'Not found at the broker: it may be sent again', tone: 'warn' },
  accepted: { title: 'Accepted by the broker', tone: 'primary' },
  fill: { title: 'Filled', tone: 'pos' },
  bust: { title: 'Fill busted', tone: 'danger' },
  correct: { title: 'Fill corrected', tone: 'warn' },
  cancel_requested: { title: 'Cancel requested', tone: 'warn' },
  cancel_sent: { title: 'Cancel sent to the broker', tone: 'warn' },
  cancel_rejected: { title: 'Cancel rejected by the broker', tone: 'danger' },
  cancelled: { title: 'Cancelled', tone: 'neutral' },
  rejected: { title: 'Rejected by the broker', tone: 'danger' },
  expired: { title: 'Expired', tone: 'neutral' },
  done_for_day: { title: 'Done for the day', tone: 'neutral' },
  refused: { title: 'Invalid status change ignored', tone: 'danger' },
};

const SOURCES: Readonly<Record<string, string>> = {
  API: 'console or REST',
  WORKER: 'worker',
  STREAM: 'broker stream',
  RECONCILIATION: 'reconciliation',
  OPERATOR: 'operator',
};

/** Ids and hashes are left to the log. */
const LEFT_OUT = /^(by|kind|holder|token|.*_id|.*Id|.*_hash)$/;

function describe(data: Readonly<Record<string, unknown>>): string {
  const text = recordText(data, LEFT_OUT);
  return text === NONE ? '' : text;
}

function person(data: Readonly<Record<string, unknown>>, source: string): string {
  return typeof data['by'] === 'string' ? data['by'] : (SOURCES[source] ?? source.toLowerCase());
}

/** Signal → policy → approval → submit → broker → fills, by time; equal times keep this order. */
export function prepareTimeline(
  detail: Pick<OrderDetail, 'signal' | 'evaluations' | 'approval' | 'events'>,
): readonly TimelineItem[] {
  const { signal, evaluations, approval, events } = detail;
  const items: TimelineItem[] = [];
  const add = (item: Partial<TimelineItem> & Pick<TimelineItem, 'key' | 'at' | 'title'>) => {
    items.push({ detail: '', tone: 'neutral', by: '', hits: [], href: null, ...item });
  };
  if (signal !== null) {
    const by = signal.strategy === '' ? signal.source : signal.strategy;
    add({
      key: `signal-${signal.id}`,
      at: signal.createdAt,
      title: `Signal ${signal.action} ${signal.symbol}`,
      detail: `${signal.confidence === null ? 'no confidence stated' : `confidence ${formatPct(signal.confidence, 0)}`} · size ${formatPct(signal.sizePct)}`,
      by,
      href: `/signals/${signal.id}`,
    });
  }
  for (const evaluation of evaluations) {
    const title = `${EVALUATION[evaluation.kind] ?? evaluation.kind}: ${DECISION[evaluation.decision].label}`;
    const detailText = `policy version ${evaluation.policyVersion} · stage ${evaluation.stage}`;
    add({
      key: `evaluation-${evaluation.id}`,
      at: evaluation.createdAt,
      title,
      detail: detailText,
      tone: DECISION[evaluation.decision].tone,
      by: 'policy',
      hits: evaluation.reasons,
    });
  }
  if (approval !== null) {
    const href = `/approvals/${approval.id}`;
    add({
      key: `asked-${approval.id}`,
      at: approval.createdAt,
      title: 'Approval requested',
      tone: 'warn',
      by: 'policy',
      href,
    });
    if (approval.decidedAt !== null) {
      const tone: Tone = approval.status === 'APPROVED' || approval.status === 'REDUCED' ? 'pos' : 'danger';
      add({
        key: `decided-${approval.id}`,
        at: approval.decidedAt,
        title: `Approval ${approval.status.toLowerCase()}`,
        detail: approval.reason ?? '',
        tone,
        by: approval.decidedBy ?? 'system',
        href,
      });
    }
  }
  for (const event of events) {
    const look = EVENTS[event.type] ?? { title: event.type.replaceAll('_', ' '), tone: 'neutral' };
    add({
      key: `event-${event.id}`,
      at: event.at,
      title: look.title,
      detail: describe(event.data),
      tone: look.tone,
      by: person(event.data, event.source),
    });
  }
  return items
    .map((item, index) => ({ item, index }))
    .sort((a, b) => a.item.at.localeCompare(b.item.at) || a.index - b.index)
    .map(({ item }) => item);
}
