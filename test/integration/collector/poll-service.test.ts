import test from 'ava';
import { type Answer, cutFrame, encodeFrame, KINDS, POLL, parseMessage, cutSigned, sha256 } from '@farola/shared';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, DEADLINE_MS, openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { testSigner } from '../../fakes/test-signer.js';

/** Answers hellos honestly and each poll as `lie` says. */
function lying(
  lcu: SimulatedLcu,
  lie: (honest: Uint8Array, poll: number) => Uint8Array | undefined,
): (frame: Uint8Array) => Uint8Array | undefined {
  let polls = 0;
  return (frame) => {
    const honest = lcu.receive(frame);
    return cutFrame(frame).kind === KINDS.poll.number && honest ? lie(honest, ++polls) : honest;
  };
}

/** An answer to the poll in a frame, signed, with some fields changed. */
function changed(lcu: SimulatedLcu, frame: Uint8Array, change: Partial<Answer>): Uint8Array {
  const { signed } = cutFrame(frame);
  const parts = cutSigned(signed);
  const poll = parts.ok ? parseMessage(POLL, parts.value.payload) : parts;
  if (!poll.ok) throw new Error(poll.code);
  return lcu.answerPoll(poll.value, signed, change);
}

function warnings({ log }: CollectorRig): unknown[] {
  return log.filter(({ level }) => level !== 'info').map(({ fields }) => fields['code']);
}

test('polls an LCU when it connects, and again at its place in the round, and stores each entry once', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  const known = rig.enrol('malaga-0042', testSigner(2));
  rig.connect(lcu);
  await rig.time.advance(100);
  t.deepEqual(
    rig.stored(known).map((range) => range.slice(5)),
    ['1..1'],
  );
  lcu.append({ kind: 'event', at: rig.time.now(), code: 'stop', facts: [] });
  await rig.time.advance(ROUND_MS);
  t.deepEqual(
    rig.stored(known).map((range) => range.slice(5)),
    ['1..1', '2..2'],
  );
  t.deepEqual(
    lcu.polls.at(-1)?.acks.map(([, n]) => n),
    [1],
  );
  await rig.time.advance(ROUND_MS);
  t.deepEqual(
    lcu.polls.at(-1)?.acks.map(([, n]) => n),
    [2],
  );
  t.like(rig.contact(known), { verdict: 'ok', answersRefused: 0, entriesStored: 2 });
  t.deepEqual(warnings(rig), []);
});

test('A2: an answer to an earlier poll uses the present one up, nothing of it is stored, and its entries come once with the next', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  const known = rig.enrol('malaga-0042', testSigner(2));
  let first: Uint8Array | undefined;
  rig.connect(
    lcu,
    lying(lcu, (honest, poll) => {
      first ??= honest;
      return poll === 2 ? first : honest;
    }),
  );
  const stored = (): string[] => rig.stored(known).map((range) => range.slice(5));
  await rig.time.advance(100);
  lcu.append({ kind: 'event', at: rig.time.now(), code: 'stop', facts: [] });
  await rig.time.advance(ROUND_MS);
  t.deepEqual(warnings(rig), ['nonce-mismatch']);
  t.is(rig.contact(known)?.verdict, 'nonce-mismatch');
  t.deepEqual(stored(), ['1..1']);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(stored(), ['1..1', '2..2']);
  t.deepEqual(warnings(rig), ['nonce-mismatch']);
});

test('A4: refuses an answer with the nonce of this poll and the hash of another', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  const known = rig.enrol('malaga-0042', testSigner(2));
  const hashes: Uint8Array[] = [];
  rig.connect(lcu, (frame) => {
    const { kind, signed } = cutFrame(frame);
    if (kind !== KINDS.poll.number || hashes.push(sha256(signed)) !== 2) return lcu.receive(frame);
    return changed(lcu, frame, { pollHash: hashes[0] as Uint8Array });
  });
  await rig.time.advance(100);
  lcu.append({ kind: 'event', at: rig.time.now(), code: 'stop', facts: [] });
  await rig.time.advance(ROUND_MS);
  t.is(hashes.length, 2);
  t.deepEqual(warnings(rig), ['poll-mismatch']);
  t.is(rig.stored(known).length, 1);
});

test('refuses an answer whose monotonic clock is behind that of the answer before it on the same connection', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  const known = rig.enrol('malaga-0042', testSigner(2));
  const told = [50_000, 50_000, 49_999, 50_001];
  const respond = (frame: Uint8Array): Uint8Array | undefined => {
    if (cutFrame(frame).kind !== KINDS.poll.number) return lcu.receive(frame);
    return changed(lcu, frame, { now: [told.shift() ?? 0, 0, 2] });
  };
  rig.connect(lcu, respond);
  const verdicts: unknown[] = [];
  await rig.time.advance(100);
  for (let round = 0; round < 4; round++) {
    verdicts.push(rig.contact(known)?.verdict);
    lcu.append({ kind: 'event', at: rig.time.now(), code: 'stop', facts: [] });
    if (round < 3) await rig.time.advance(ROUND_MS);
  }
  t.deepEqual(verdicts, ['ok', 'ok', 'clock-backwards', 'ok']);
  t.deepEqual(
    rig.stored(known).map((range) => range.slice(5)),
    ['1..1', '2..2', '3..4'],
    'what was refused comes with the next',
  );
  told.push(7);
  rig.connect(lcu, respond);
  await rig.time.advance(100);
  t.is(rig.contact(known)?.verdict, 'ok', 'each connection begins anew');
});

test('A3: refuses an answer after the deadline and takes its entries with the next', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  const known = rig.enrol('malaga-0042', testSigner(2));
  let late: Uint8Array | undefined;
  const channel = rig.connect(
    lcu,
    lying(lcu, (honest, poll) => {
      if (poll > 1) return honest;
      late = honest;
      return undefined;
    }),
  );
  await rig.time.advance(DEADLINE_MS + 1);
  channel.deliver(late as Uint8Array);
  await rig.time.advance(1);
  t.deepEqual(warnings(rig), ['answer-missing', 'answer-late']);
  t.deepEqual(rig.stored(known), []);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(
    rig.stored(known).map((range) => range.slice(5)),
    ['1..1'],
  );
});

test('A1: refuses a second answer to one poll', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  const known = rig.enrol('malaga-0042', testSigner(2));
  const answers: Uint8Array[] = [];
  const channel = rig.connect(
    lcu,
    lying(lcu, (honest) => (answers.push(honest), honest)),
  );
  await rig.time.advance(100);
  channel.deliver(answers[0] as Uint8Array);
  await rig.time.advance(1);
  t.deepEqual(warnings(rig), ['nonce-unknown']);
  t.is(rig.stored(known).length, 1);
});

test('refuses a forged past: a known entry with other bytes', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  const known = rig.enrol('malaga-0042', testSigner(2));
  const channel = rig.connect(lcu);
  await rig.time.advance(100);
  channel.close('gone');
  const clone = rig.simulate('malaga-0042', 2);
  clone.appendBytes(Uint8Array.of(0x80));
  clone.appendBytes(Uint8Array.of(0x81, 0));
  rig.connect(clone);
  lcu.append({ kind: 'event', at: rig.time.now(), code: 'stop', facts: [] });
  await rig.time.advance(100);
  rig.connect(lcu);
  await rig.time.advance(100);
  t.deepEqual(new Set(warnings(rig)), new Set(['chain-fork']));
  const kept = rig.ledger.judgements(known.lcuNo).filter(({ code }) => code === 'chain-fork');
  t.true(kept.length > 0 && kept.every(({ kept: whole }) => whole !== null));
  t.true(rig.stored(known).every((range) => range.startsWith(rig.stored(known)[0]?.slice(0, 4) ?? '')));
});

test('survives whatever bytes an LCU sends, and goes on polling it', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  const known = rig.enrol('malaga-0042', testSigner(2));
  const garbage = [
    new Uint8Array(0),
    Uint8Array.of(0xff),
    new Uint8Array(300_000),
    encodeFrame(KINDS.answer.number, new Uint8Array(9), []),
    encodeFrame(KINDS.hello.number, new Uint8Array(9)),
  ];
  rig.connect(
    lcu,
    lying(lcu, (honest, poll) => garbage[poll - 1] ?? honest),
  );
  for (let round = 0; round <= garbage.length; round++) await rig.time.advance(ROUND_MS);
  t.deepEqual(warnings(rig), [
    'frame-malformed',
    'frame-malformed',
    'frame-too-large',
    'cose-malformed',
    'frame-kind-unexpected',
  ]);
  t.is(rig.stored(known).length, 1);
  t.is(rig.contact(known)?.verdict, 'ok');
});

test('refuses an answer of an unknown protocol version', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  const known = rig.enrol('malaga-0042', testSigner(2));
  rig.connect(lcu, (frame) =>
    cutFrame(frame).kind === KINDS.poll.number ? changed(lcu, frame, { version: 2 }) : lcu.receive(frame),
  );
  await rig.time.advance(100);
  t.deepEqual(warnings(rig), ['version-unknown']);
  t.deepEqual(rig.stored(known), []);
});

test('collects a backlog of several epochs newest first, each entry once', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  const known = rig.enrol('malaga-0042', testSigner(2));
  const fill = (count: number): void => {
    for (let i = 0; i < count; i++) lcu.append({ kind: 'event', at: rig.time.now(), code: 'stop', facts: [i] });
  };
  fill(599);
  lcu.beginEpoch();
  fill(999);
  rig.connect(lcu);
  await rig.time.advance(5_000);
  const contact = rig.contact(known);
  t.like(contact, { verdict: 'ok', entriesStored: 1600, backlog: 0, answersRefused: 0 });
  t.is(rig.stored(known)[0]?.slice(5), '745..1000');
});

test('asks a past that it acknowledged and lost, as after a restore, by the epochs that start entries name', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  const known = rig.enrol('malaga-0042', testSigner(2));
  const fill = (count: number): void => {
    for (let i = 0; i < count; i++) lcu.append({ kind: 'event', at: rig.time.now(), code: 'stop', facts: [i] });
  };
  fill(299);
  lcu.beginEpoch();
  lcu.beginEpoch();
  fill(9);
  lcu.listsAll = false;
  rig.connect(lcu);
  await rig.time.advance(2_000);
  t.like(rig.contact(known), { verdict: 'ok', entriesStored: 311, backlog: 0 });
  const polls = lcu.polls.length;
  await rig.time.advance(ROUND_MS);
  t.is(lcu.polls.length, polls + 1, 'once it is stored nothing more is asked');
});

test('gives up a past that the LCU no longer has, for this connection', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  const known = rig.enrol('malaga-0042', testSigner(2));
  lcu.beginEpoch();
  lcu.listsAll = false;
  lcu.epochs.shift();
  rig.connect(lcu);
  await rig.time.advance(2_000);
  t.is(rig.contact(known)?.entriesStored, 1);
  const polls = lcu.polls.length;
  await rig.time.advance(ROUND_MS);
  t.is(lcu.polls.length, polls + 1);
  t.deepEqual(warnings(rig), []);
});

test('marks only live samples as latest, and shows the age at receipt', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  const known = rig.enrol('malaga-0042', testSigner(2));
  const sample = (analyser: number): number =>
    lcu.append({ kind: 'sample', at: rig.time.now(), analyser, spanMs: 5, status: 'complete', values: [1] });
  sample(0);
  await rig.time.advance(1);
  sample(1);
  await rig.time.advance(299_999);
  sample(2);
  rig.connect(lcu);
  await rig.time.advance(60);
  t.deepEqual(
    rig.state.derived.latest(known.lcuNo).map(({ analyser, ageMs }) => [analyser, ageMs]),
    [
      [0, 300_000],
      [1, 299_999],
      [2, 0],
    ],
  );
  await rig.time.advance(ROUND_MS);
  lcu.append({
    kind: 'sample',
    at: { ...rig.time.now(), monoMs: rig.time.now().monoMs - 300_001 },
    analyser: 2,
    spanMs: 5,
    status: 'complete',
    values: [2],
  });
  await rig.time.advance(ROUND_MS);
  t.is(rig.state.derived.latest(known.lcuNo).find(({ analyser }) => analyser === 2)?.n, 4);
});
