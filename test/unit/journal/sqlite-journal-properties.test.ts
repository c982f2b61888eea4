import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Journal } from '@farola/agent/journal/journal.js';
import { encodeEntry, toHex, WANT } from '@farola/shared';
import test from 'ava';
import fc from 'fast-check';
import { StrictCollector } from '../../fakes/strict-collector.js';
import { openTestJournal, sampleEntry } from '../../fakes/test-journal.js';
import { runs } from '../shared/runs.js';

type Step =
  | { do: 'append'; count: number; values: number }
  | { do: 'reopen' }
  | { do: 'newest'; epoch: number; back: number }
  | { do: 'range'; epoch: number; after: number; before: number }
  | { do: 'ack'; epoch: number; short: number; lie: boolean };

const nat = fc.nat(400);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      count: fc.integer({ min: 1, max: 60 }),
      values: fc.integer({ min: 1, max: 150 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('newest' as const), epoch: fc.nat(5), back: nat }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('range' as const), epoch: fc.nat(5), after: nat, before: nat }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('ack' as const), epoch: fc.nat(5), short: fc.nat(20), lie: fc.boolean() }),
  },
);

/** A journal that is appended to, asked, acknowledged and reopened, and what must come of it. */
class Play {
  readonly collector = new StrictCollector();
  readonly appended = new Map<string, Map<number, string>>();
  readonly epochs: Uint8Array[] = [];
  journal!: Journal;
  readonly #folder: string;
  readonly #maxBytes: number;
  #mark = 0;

  constructor(folder: string, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  async open(): Promise<void> {
    this.journal = await openTestJournal(this.#folder, { maxBytes: this.#maxBytes });
    this.epochs.push(Uint8Array.from(this.journal.epoch));
    this.appended.set(toHex(this.journal.epoch), new Map());
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'append':
        for (let i = 0; i < step.count; i++) this.append(step.values);
        return;
      case 'reopen':
        this.journal.close();
        return this.open();
      case 'newest':
        this.collector.ask(this.journal, [WANT.newest, this.#epoch(step.epoch), step.back]);
        return;
      case 'range':
        this.collector.ask(this.journal, [WANT.range, this.#epoch(step.epoch), step.after, step.before]);
        return;
      case 'ack': {
        const epoch = this.#epoch(step.epoch);
        const { n, head } = this.collector.mark(epoch);
        const at = Math.max(0, n - step.short);
        const theirs = this.collector.known(epoch).heads.get(at) ?? head;
        this.journal.applyAcks([[epoch, at, step.lie ? new Uint8Array(32) : theirs]]);
      }
    }
  }

  append(values: number): void {
    const entry = sampleEntry(this.#mark++, values);
    const n = this.journal.append(entry);
    const ofEpoch = this.appended.get(toHex(this.journal.epoch))!;
    if (ofEpoch.has(n)) throw new Error(`${n} is used again`);
    ofEpoch.set(n, toHex(encodeEntry(entry)));
  }

  /** Asks for all that is missing, and acknowledges it, until the journal owes nothing. */
  drain(): void {
    for (let round = 0; this.journal.size().backlog > 0 || this.journal.gaps().length > 0; round++) {
      if (round > 500) throw new Error('the journal owes something that it does not give');
      for (const [epoch, , last] of this.journal.openEpochs()) {
        for (let mark = this.collector.mark(epoch).n; mark < last; mark = this.collector.mark(epoch).n) {
          const before = mark;
          this.collector.ask(this.journal, [WANT.range, epoch, mark, last + 1]);
          if (this.collector.mark(epoch).n === before) throw new Error(`${toHex(epoch)} stops at ${mark} of ${last}`);
        }
        const { n, head } = this.collector.mark(epoch);
        this.journal.applyAcks([[epoch, n, head]]);
      }
    }
  }

  /** Every appended entry was delivered with its bytes, or lies in a delivered gap. */
  lost(): string[] {
    return [...this.appended].flatMap(([name, entries]) => {
      const { entries: delivered, gaps } = this.collector.known(Buffer.from(name, 'hex'));
      return [...entries].filter(([n, text]) => delivered.get(n) !== text && !gaps.has(n)).map(([n]) => `${name} ${n}`);
    });
  }

  #epoch(index: number): Uint8Array {
    return this.epochs[this.epochs.length - 1 - (index % this.epochs.length)]!;
  }
}

async function play(steps: readonly Step[], maxBytes: number): Promise<Play> {
  const folder = mkdtempSync(join(tmpdir(), 'farola-'));
  const played = new Play(folder, maxBytes);
  try {
    await played.open();
    for (const step of steps) await played.take(step);
    played.drain();
  } finally {
    played.journal.close();
    rmSync(folder, { recursive: true });
  }
  return played;
}

test('whatever is appended, asked, acknowledged and reopened: no hole, no number twice, every range proves itself, nothing is lost', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const played = await play(steps, 1e9);
      t.deepEqual(played.lost(), []);
    }),
    runs(25),
  );
});

test('the same in a journal that is too small: what was evicted lies in a gap that was delivered', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 20_000, max: 200_000 }), async (steps, maxBytes) => {
      const played = await play(steps, maxBytes);
      t.deepEqual(played.lost(), []);
    }),
    runs(25),
  );
});
