import type { NonTradeActivity } from '@/server/application/ports/broker';
import type { BookedActivity } from '@/server/application/ports/reconciliation-store';
import { type ActivityEntry, activityEntries, reversalEntry } from '@/server/domain/position/activity';
import { book, type Entry, type EntryKind, type Ledger, type Posting } from '@/server/domain/position/ledger';

/** How often the broker may correct one activity before a person must look. */
const MAX_CORRECTIONS = 20;

/** Reference of an activity's entry. */
export const activityRef = ({ type, activityId }: Pick<NonTradeActivity, 'type' | 'activityId'>): string =>
  `${type.toLowerCase()}:${activityId}`;

const corrections = (ref: string) =>
  Array.from({ length: MAX_CORRECTIONS }, (_, n) => [`${ref}:taken-back:${n + 1}`, `${ref}:corrected:${n + 1}`]).flat();

const previousRef = ({ type, previousId }: NonTradeActivity): string | null =>
  previousId === null ? null : activityRef({ type, activityId: previousId });

/** Every reference that a batch may have been booked under. */
export function refsOf(activities: readonly NonTradeActivity[]): readonly string[] {
  return activities.flatMap((each) => {
    const own = activityRef(each);
    if (each.status === 'EXECUTED') return [own];
    const other = previousRef(each);
    return [own, ...corrections(own), ...(other === null ? [] : [other, ...corrections(other)])];
  });
}

export interface BookedEntry {
  readonly kind: EntryKind;
  readonly postings: readonly Posting[];
}

/** Entries by reference: those booked before, and those of this batch. */
export type KnownEntries = ReadonlyMap<string, BookedEntry>;

/** What an activity did, apart from the cost that its shares had at the time. */
function figures(postings: readonly Posting[]): string {
  const shown = postings
    .filter(({ account, amount, qty }) => (account === 'CASH' && amount !== 0n) || qty !== 0n)
    .map(({ account, symbol, amount, qty }) => (account === 'CASH' ? `cash ${amount}` : `${symbol ?? ''} ${qty}`));
  return shown.sort().join(', ');
}

const domainActivity = (each: NonTradeActivity, ref: string) => ({ ...each, ref });

export interface DatedEntry {
  readonly entry: Entry;
  /** The broker's time of the activity. */
  readonly atMs: number;
}

/** Decides a batch: what is new is booked, what is booked is left, what was taken back or corrected is reversed. */
export class ActivityPlan {
  readonly entries: DatedEntry[] = [];
  readonly booked: BookedActivity[] = [];
  private readonly known: Map<string, BookedEntry>;

  constructor(
    private ledger: Ledger,
    known: KnownEntries,
  ) {
    this.known = new Map(known);
  }

  get positions(): Ledger['positions'] {
    return this.ledger.positions;
  }

  add(activities: readonly NonTradeActivity[]): void {
    const fresh: NonTradeActivity[] = [];
    const seen = new Set<string>();
    for (const each of activities) {
      const ref = activityRef(each);
      const plain = each.status === 'EXECUTED' || (each.status === 'CORRECTED' && each.previousId === null);
      if (plain && !this.known.has(ref)) {
        if (!seen.has(ref)) fresh.push(each);
        seen.add(ref);
      }
    }
    // Legs of one event belong together: all that is new is decided at once, what amends afterwards.
    this.book(
      activityEntries(
        this.ledger,
        fresh.map((each) => domainActivity(each, activityRef(each))),
      ),
      fresh,
    );
    for (const each of activities) if (!fresh.includes(each) && each.status !== 'EXECUTED') this.amend(each);
  }

  private book(built: readonly ActivityEntry[], activities: readonly NonTradeActivity[]): void {
    const byRef = new Map(activities.map((each) => [activityRef(each), each]));
    for (const { activity, entry, note } of built) {
      this.write(entry, activity.atMs);
      const source = byRef.get(activity.ref);
      if (source !== undefined) this.tell(source, entry.kind, note);
    }
  }

  private amend(each: NonTradeActivity): void {
    const own = activityRef(each);
    const other = previousRef(each);
    if (other === null) this.amendOwn(each, own);
    else if (!this.known.has(own)) this.amendOther(each, own, other);
  }

  /** The same activity, listed again with another status. */
  private amendOwn(each: NonTradeActivity, ref: string): void {
    const standing = this.standing(ref);
    if (standing === null) {
      this.write({ kind: 'ADJUSTMENT', ref, postings: [] }, each.atMs);
      return;
    }
    const wanted = each.status === 'CANCELLED' ? [] : this.entryOf(each, ref).entry.postings;
    if (figures(standing.postings) === figures(wanted)) return;
    const n = this.amendments(ref) + 1;
    if (n > MAX_CORRECTIONS) return;
    this.write(reversalEntry(standing.kind, `${ref}:taken-back:${n}`, standing.postings), each.atMs);
    if (each.status === 'CORRECTED') this.write(this.entryOf(each, `${ref}:corrected:${n}`).entry, each.atMs);
    this.tell(each, standing.kind, each.status === 'CORRECTED' ? 'the broker corrected it' : 'the broker took it back');
  }

  /** An activity of its own that takes another one back, or stands in its place. */
  private amendOther(each: NonTradeActivity, own: string, other: string): void {
    const standing = this.standing(other);
    if (standing !== null) {
      this.write(reversalEntry(standing.kind, `${other}:taken-back:1`, standing.postings), each.atMs);
    }
    const entry =
      each.status === 'CORRECTED'
        ? this.entryOf(each, own).entry
        : ({ kind: standing?.kind ?? 'ADJUSTMENT', ref: own, postings: [] } as const);
    this.write(entry, each.atMs);
    const note = standing === null ? `it amends ${each.previousId ?? ''}, which is not booked` : 'it amends another';
    this.tell(each, entry.kind, note);
  }

  private entryOf(each: NonTradeActivity, ref: string): ActivityEntry {
    const built = activityEntries(this.ledger, [domainActivity(each, ref)])[0];
    if (built === undefined) throw new Error(`activity ${ref} became no entry`);
    return built;
  }

  private amendments(ref: string): number {
    return corrections(ref).filter((each) => each.includes(':taken-back:') && this.known.has(each)).length;
  }

  /** What of an activity stands in the books, its corrections included; null when it never was booked. */
  private standing(ref: string): BookedEntry | null {
    const first = this.known.get(ref);
    if (first === undefined) return null;
    const all = [ref, ...corrections(ref)].flatMap((each) => this.known.get(each)?.postings ?? []);
    const turned = reversalEntry(first.kind, ref, all).postings;
    return { kind: first.kind, postings: reversalEntry(first.kind, ref, turned).postings };
  }

  private write(entry: Entry, atMs: number): void {
    if (this.known.has(entry.ref)) return;
    this.ledger = book(this.ledger, entry);
    this.known.set(entry.ref, { kind: entry.kind, postings: entry.postings });
    this.entries.push({ entry, atMs });
  }

  private tell({ activityId, type, symbol }: NonTradeActivity, kind: EntryKind, note: string | null): void {
    this.booked.push({ activityId, type, symbol, kind, note });
  }
}
