import { chainNext, LIMITS, sameBytes } from '@farola/shared';
import type { DamagedSpan, EpochState, StoredEntry } from './epoch-state.js';

/** What is known of one epoch beside its state. */
export interface ChainEvidence {
  readonly epoch: EpochState;
  /** Spans that are known to be damaged, ascending. */
  readonly spans: readonly DamagedSpan[];
  readonly rowAt: (n: number) => StoredEntry | undefined;
  /** Number of the last row before n; undefined where there is none. */
  readonly rowBefore: (n: number) => number | undefined;
  /** Stored entries from n on, ascending; rows may be missing. */
  readonly rowsFrom: (n: number) => Iterable<StoredEntry>;
  /** h(last) from elsewhere than the last row; undefined when nothing else says it. */
  readonly lastHead: () => Uint8Array | undefined;
}

type StoredHeads = Pick<ChainEvidence, 'epoch' | 'spans' | 'rowAt'>;

/** What is wrong with an epoch, and what can be proven in spite of it. */
export type Damage =
  /** Entries that cannot be proven, between two heads that can. */
  | { readonly kind: 'span'; readonly span: DamagedSpan }
  /** Only heads were altered: the entries are proven by the next head, and these are the right ones. */
  | { readonly kind: 'heads'; readonly heads: readonly Pick<StoredEntry, 'n' | 'head'>[] }
  /** Nothing after this entry can be proven, as when a disk lost its last commits. */
  | { readonly kind: 'end'; readonly after: number };

/** h(n) that follows from h(n - 1) and the bytes; undefined where they cannot be those of an entry. */
function nextHead(previous: Uint8Array | undefined, { bytes }: StoredEntry): Uint8Array | undefined {
  if (previous?.length !== 32 || bytes.length > LIMITS.entryBytes) return undefined;
  return chainNext(previous, bytes);
}

/** Whether the head of an entry follows from the head before, which proves both heads and the bytes. */
export function follows(previous: Uint8Array | undefined, entry: StoredEntry): boolean {
  const head = nextHead(previous, entry);
  return head !== undefined && sameBytes(head, entry.head);
}

/** h(n) as it is stored, proven or not: of a row, of the floor, of the end of a damaged span. */
export function storedHead({ epoch, spans, rowAt }: StoredHeads, n: number): Uint8Array | undefined {
  if (n === epoch.floor) return epoch.floorHead;
  return spans.find((span) => span.to === n)?.head ?? rowAt(n)?.head;
}

/** h(n) when it is proven: of the floor, of the end of a damaged span, of a row that follows from the one before. */
export function provenHead(evidence: StoredHeads, n: number): Uint8Array | undefined {
  const { epoch, spans, rowAt } = evidence;
  if (n === epoch.floor) return epoch.floorHead;
  const span = spans.find(({ from, to }) => from <= n && n <= to);
  if (span) return span.to === n ? span.head : undefined;
  const row = rowAt(n);
  return row && follows(storedHead(evidence, n - 1), row) ? row.head : undefined;
}

/** The last head before entry n that is proven. It goes from row to row: a row with a wrong number may be far from all others. */
function provenBefore(evidence: ChainEvidence, n: number): { readonly n: number; readonly head: Uint8Array } {
  const { epoch, spans, rowBefore } = evidence;
  for (let at = n - 1; at > epoch.floor;) {
    const head = provenHead(evidence, at);
    if (head) return { n: at, head };
    const spanBefore = spans.findLast(({ to }) => to < at)?.to ?? epoch.floor;
    at = Math.max(spanBefore, rowBefore(at) ?? epoch.floor);
  }
  return { n: epoch.floor, head: epoch.floorHead };
}

/**
 * Finds what is wrong around entry n, which is in no known span: from the last proven head before it to the first after
 * it that two neighbours agree on, or to a span that is known. undefined when all is well there.
 */
export function examineDamage(evidence: ChainEvidence, n: number): Damage | undefined {
  const { epoch, spans, rowsFrom, lastHead } = evidence;
  const known = spans.find((span) => span.from > n);
  const { n: last, head: base } = provenBefore(evidence, n);
  const from = last + 1;
  const heads: Pick<StoredEntry, 'n' | 'head'>[] = [];
  let computed: Uint8Array | undefined = base;
  let before: StoredEntry | undefined;
  let expected = from;
  for (const row of rowsFrom(from)) {
    if (known && row.n >= known.from) break;
    if (row.n !== expected) computed = before = undefined;
    if (before && follows(before.head, row)) {
      return { kind: 'span', span: { from, to: before.n, prev: base, head: before.head } };
    }
    computed = nextHead(computed, row);
    if (computed && sameBytes(computed, row.head)) return heads.length > 0 ? { kind: 'heads', heads } : undefined;
    if (computed) heads.push({ n: row.n, head: computed });
    before = row;
    expected = row.n + 1;
  }
  const head = known ? known.prev : lastHead();
  if (!head) return { kind: 'end', after: last };
  const to = known ? known.from - 1 : epoch.last;
  const intact = computed && expected === to + 1 && sameBytes(computed, head);
  return intact ? { kind: 'heads', heads } : { kind: 'span', span: { from, to, prev: base, head } };
}
