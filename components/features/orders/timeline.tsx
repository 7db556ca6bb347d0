import { RuleHits } from '@/components/features/rule-hits';
import type { Tone } from '@/components/status/tone';
import { cx } from '@/components/ui/cx';
import { Link } from '@/components/ui/link';
import { Moment } from '@/components/ui/moment';
import type { TimelineItem } from './prepare-timeline';

const DOT: Record<Tone, string> = {
  neutral: 'bg-control',
  primary: 'bg-primary',
  pos: 'bg-pos',
  warn: 'bg-warn',
  danger: 'bg-danger',
};

/** Everything that happened to an order, oldest first. */
export function Timeline({ items }: { readonly items: readonly TimelineItem[] }) {
  return (
    <ol className="p-3" data-testid="order-timeline">
      {items.map((item, index) => (
        <li key={item.key} className="grid grid-cols-[72px_12px_minmax(0,1fr)] gap-x-2" data-testid="timeline-item">
          <Moment iso={item.at} className="pt-px text-right text-12 text-muted" />
          <span aria-hidden="true" className="flex flex-col items-center">
            <span className={cx('mt-1.5 size-2 shrink-0 rounded-full', DOT[item.tone])} />
            {index < items.length - 1 && <span className="mt-1 w-px flex-1 bg-border" />}
          </span>
          <div className="min-w-0 pb-3">
            <p className="flex flex-wrap items-baseline gap-x-2">
              {item.href === null ? (
                <span className="font-medium">{item.title}</span>
              ) : (
                <Link href={item.href} className="font-medium hover:underline">
                  {item.title}
                </Link>
              )}
              {item.by !== '' && <span className="text-12 text-muted">{item.by}</span>}
            </p>
            {item.detail !== '' && <p className="num text-12 break-words text-muted">{item.detail}</p>}
            {item.hits.length > 0 && (
              <div className="mt-1 rounded-sm border border-border">
                <RuleHits hits={item.hits} caption={item.title} />
              </div>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}
