import test from 'ava';
import fc from 'fast-check';
import { verifyAnswer } from '@farola/collector/verify/verify-answer.js';
import { sameBytes } from '@farola/shared';
import { askedAnswers, RECEIVED_MONO_MS } from '../fuzz/asked-answers.js';
import { frameOf, partsOf } from '../fuzz/mutate-frame.js';
import { runs } from '../shared/runs.js';

const [{ frame, asked }] = askedAnswers() as [ReturnType<typeof askedAnswers>[number]];
const PARTS = partsOf(frame);
const ENTRIES = PARTS.items ?? [];

/** The code of the honest answer with these entries beside it; undefined when it is accepted. */
function codeWith(entries: readonly Uint8Array[]): string | undefined {
  const judged = verifyAnswer(frameOf({ ...PARTS, items: entries }), asked, RECEIVED_MONO_MS, () => true);
  return judged.ok ? undefined : judged.code;
}

function sameEntries(entries: readonly Uint8Array[]): boolean {
  return entries.length === ENTRIES.length && entries.every((entry, i) => sameBytes(entry, ENTRIES[i] as Uint8Array));
}

/** `chain-broken` where the number of entries is right, `entries-count` where it is not, nothing where nothing changed. */
function isFound(entries: readonly Uint8Array[]): boolean {
  const code = codeWith(entries);
  if (sameEntries(entries)) return code === undefined;
  return code === (entries.length === ENTRIES.length ? 'chain-broken' : 'entries-count');
}

const places = fc.nat(ENTRIES.length - 1);

test('any other bytes in place of an entry break the chain', (t) => {
  fc.assert(
    fc.property(places, fc.uint8Array({ maxLength: 100 }), (at, bytes) => isFound(ENTRIES.toSpliced(at, 1, bytes))),
    runs(300),
  );
  t.pass();
});

test('any bit of any entry breaks the chain', (t) => {
  for (const [at, entry] of ENTRIES.entries()) {
    for (let bit = 0; bit < entry.length * 8; bit++) {
      const changed = Uint8Array.from(entry);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      if (codeWith(ENTRIES.toSpliced(at, 1, changed)) !== 'chain-broken') t.fail(`bit ${bit} of entry ${at}`);
    }
  }
  t.pass();
});

test('entries in any other order break the chain', (t) => {
  fc.assert(fc.property(fc.shuffledSubarray([...ENTRIES], { minLength: ENTRIES.length }), isFound), runs(300));
  t.pass();
});

test('entries removed and added anywhere do not count up, or break the chain', (t) => {
  const removed = fc.shuffledSubarray([...ENTRIES.keys()]).map((gone) => ENTRIES.filter((_, i) => !gone.includes(i)));
  const added = fc.array(fc.tuple(fc.nat(ENTRIES.length), fc.uint8Array({ maxLength: 60 })), { maxLength: 12 });
  fc.assert(
    fc.property(removed, added, (left, more) =>
      isFound(more.reduce((entries, [at, bytes]) => entries.toSpliced(at, 0, bytes), left)),
    ),
    runs(500),
  );
  t.pass();
});

test('bytes moved from one entry to the next break the chain', (t) => {
  fc.assert(
    fc.property(fc.nat(ENTRIES.length - 2), fc.nat(), (at, by) => {
      const [one, two] = ENTRIES.slice(at, at + 2) as [Uint8Array, Uint8Array];
      const both = Buffer.concat([one, two]);
      const cut = by % (both.length + 1);
      return isFound(ENTRIES.toSpliced(at, 2, both.subarray(0, cut), both.subarray(cut)));
    }),
    runs(300),
  );
  t.pass();
});
