import type { Journal } from '@farola/agent/journal/journal.js';
import {
  ANSWER,
  BatchDecoder,
  chainHead,
  cutFrame,
  encodeFrame,
  FarolaError,
  type Frame,
  HELLO_ANSWER,
  type HelloAnswer,
  openSigned,
  sameBytes,
  sha256,
  WANT,
} from '@farola/shared';
import { cutAnswerFrame } from '@farola/shared/envelope/frame.js';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { benchConnection, helloFrame, LCU_KEY, POLL_KEY, pollFrame } from '../../fakes/link-bench.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { openTestJournal, sampleEntry } from '../../fakes/test-journal.js';
import { nodeVerify, testSigner } from '../../fakes/test-signer.js';
import { runs } from '../shared/runs.js';

async function journalOf(t: ExecutionContext): Promise<Journal> {
  const journal = await openTestJournal(temporaryFolder(t));
  t.teardown(() => journal.close());
  for (let i = 0; i < 5; i++) journal.append(sampleEntry(i));
  return journal;
}

async function greeted(t: ExecutionContext, journal?: Journal) {
  const used = journal ?? (await journalOf(t));
  const bench = benchConnection(used);
  await bench.connection.receive(helloFrame());
  return { ...bench, journal: used, helloAnswer: openedHelloAnswer(bench) };
}

function openedHelloAnswer(bench: ReturnType<typeof benchConnection>): HelloAnswer {
  const opened = openSigned(HELLO_ANSWER, lastFrame(bench).signed, [LCU_KEY.publicKey], nodeVerify);
  if (!opened.ok) throw new Error(opened.code);
  return opened.value;
}

function lastFrame({ channel }: ReturnType<typeof benchConnection>): Frame {
  return cutFrame(channel.sent.at(-1)!);
}

function answerOf(bench: ReturnType<typeof benchConnection>) {
  const frame = lastFrame(bench);
  const opened = openSigned(ANSWER, frame.signed, [LCU_KEY.publicKey], nodeVerify);
  if (!opened.ok) throw new Error(opened.code);
  return { answer: opened.value, entries: frame.attachment?.items ?? [] };
}

test('a good hello is answered with who we are, signed, with a nonce of ours', async (t) => {
  const bench = await greeted(t);
  t.like(bench.helloAnswer, { version: 1, lcuId: 'malaga-0042', nonce: new Uint8Array(16).fill(8) });
  t.true(sameBytes(bench.helloAnswer.epoch, bench.journal.epoch));
  t.is(bench.told.greeted, 1);
  const other = await greeted(t);
  t.false(sameBytes(bench.helloAnswer.lcuNonce, other.helloAnswer.lcuNonce));
});

test('entries are coded for a collector whose hello takes them so, and go on from those that it holds', async (t) => {
  const journal = await journalOf(t);
  const bench = benchConnection(journal);
  await bench.connection.receive(helloFrame({ encodings: [1, 200] }));
  const { lcuNonce } = openedHelloAnswer(bench);
  const decoder = new BatchDecoder();
  const decoded = async (pollId: number, after: number) => {
    await bench.connection.receive(pollFrame(lcuNonce, journal.epoch, { pollId, want: [WANT.newest, journal.epoch, after] }));
    const { beside } = cutAnswerFrame(bench.channel.sent.at(-1)!);
    if (beside?.encoding !== 1) return undefined;
    const batch = decoder.decode(beside.coded, { epoch: journal.epoch, from: after + 1 });
    return batch.ok && batch.value.items.length;
  };
  t.is(await decoded(1, 0), 6);
  for (let i = 5; i < 9; i++) journal.append(sampleEntry(i));
  t.is(await decoded(2, 6), 4);
  t.is(await decoded(3, 6), 4, 'asked again, they stand by themselves');
  t.is(await decoded(4, 10), undefined, 'nothing is not coded');
});

test('entries are not coded for a collector whose hello names other encodings only', async (t) => {
  const journal = await journalOf(t);
  const bench = benchConnection(journal);
  await bench.connection.receive(helloFrame({ encodings: [2] }));
  await bench.connection.receive(pollFrame(openedHelloAnswer(bench).lcuNonce, journal.epoch));
  t.is(answerOf(bench).entries.length, 6);
});

test('nothing is sent before a good hello, and a bad one closes the connection with its code', async (t) => {
  const bench = benchConnection(await journalOf(t));
  await bench.connection.receive(helloFrame({}, testSigner(9)));
  t.deepEqual(bench.channel.sent, []);
  t.deepEqual(bench.channel.closed, { code: 4000, reason: 'header-unexpected' });
  await bench.connection.receive(helloFrame());
  t.deepEqual(bench.channel.sent, [], 'what comes after is not looked at');
});

test('a poll before the hello closes the connection', async (t) => {
  const bench = benchConnection(await journalOf(t));
  await bench.connection.receive(pollFrame(new Uint8Array(16), new Uint8Array(8)));
  t.is(bench.channel.closed?.reason, 'frame-kind-unexpected');
});

test('a good poll is answered with a range that proves itself', async (t) => {
  const bench = await greeted(t);
  const poll = pollFrame(bench.helloAnswer.lcuNonce, bench.journal.epoch);
  await bench.connection.receive(poll);
  const { answer, entries } = answerOf(bench);
  t.like(answer, { lcuId: 'malaga-0042', pollId: 1, from: 1, to: 6, codeHash: null, circuits: [], gaps: [] });
  t.deepEqual([...answer.health], [[1, 2]]);
  t.true(sameBytes(answer.pollHash, sha256(cutFrame(poll).signed)));
  t.true(sameBytes(chainHead(answer.prev, entries), answer.head));
  t.is(bench.told.answered, 1);
});

test('a poll with an ack releases entries and is answered in one go', async (t) => {
  const bench = await greeted(t);
  const { epoch } = bench.journal;
  await bench.connection.receive(pollFrame(bench.helloAnswer.lcuNonce, epoch));
  const { head, to } = answerOf(bench).answer;
  await bench.connection.receive(
    pollFrame(bench.helloAnswer.lcuNonce, epoch, { pollId: 2, acks: [[epoch, to, head]], want: [1, epoch, to] }),
  );
  t.like(answerOf(bench).answer, { from: to + 1, to });
  t.is(bench.journal.size().backlog, 0);
});

for (const [what, code, change] of [
  ['repeated', 'poll-repeated', { pollId: 0 }],
  ['for another LCU', 'poll-for-another', { lcuId: 'malaga-0043' }],
  ['of another connection', 'poll-nonce-foreign', { lcuNonce: new Uint8Array(16) }],
] as const) {
  test(`a poll ${what} is dropped with its code, and the connection stays`, async (t) => {
    const bench = await greeted(t);
    const before = bench.channel.sent.length;
    await bench.connection.receive(pollFrame(bench.helloAnswer.lcuNonce, bench.journal.epoch, change));
    t.deepEqual(bench.log.codes, [code]);
    t.is(bench.channel.sent.length, before);
    t.is(bench.channel.closed, undefined);
    await bench.connection.receive(pollFrame(bench.helloAnswer.lcuNonce, bench.journal.epoch));
    t.is(bench.told.answered, 1);
  });
}

test('A6: a poll that was answered is not answered again', async (t) => {
  const bench = await greeted(t);
  const poll = pollFrame(bench.helloAnswer.lcuNonce, bench.journal.epoch);
  await bench.connection.receive(poll);
  await bench.connection.receive(poll);
  t.is(bench.told.answered, 1);
  t.deepEqual(bench.log.codes, ['poll-repeated']);
});

test('A6: a poll of an older connection cannot be replayed to a newer one', async (t) => {
  const old = await greeted(t);
  const poll = pollFrame(old.helloAnswer.lcuNonce, old.journal.epoch);
  const now = await greeted(t, old.journal);
  await now.connection.receive(poll);
  t.deepEqual(now.log.codes, ['poll-nonce-foreign']);
  t.is(now.told.answered, 0);
});

for (const [what, code, spoil] of [
  ['that is not signed', 'cose-malformed', (signed: Uint8Array) => signed.subarray(0, -64)],
  ['whose signature is another', 'signature-invalid', (signed: Uint8Array) => signed.with(-1, signed.at(-1)! ^ 1)],
  ['that another key signed', 'header-unexpected', undefined],
] as const) {
  test(`A7: a poll ${what} is dropped before the journal is asked for anything`, async (t) => {
    const touched: PropertyKey[] = [];
    const journal = new Proxy(await journalOf(t), {
      get: (of, name) => {
        touched.push(name);
        const value: unknown = Reflect.get(of, name, of);
        return typeof value === 'function' ? (value.bind(of) as unknown) : value;
      },
    });
    const bench = await greeted(t, journal);
    const poll = (key = POLL_KEY) => pollFrame(bench.helloAnswer.lcuNonce, journal.epoch, {}, key);
    const { kind, signed } = cutFrame(poll());
    const bad = spoil ? encodeFrame(kind, spoil(signed)) : poll(testSigner(9));
    touched.splice(0);
    await bench.connection.receive(bad);
    t.deepEqual(bench.log.codes, [code]);
    t.deepEqual(touched, []);
    await bench.connection.receive(poll());
    t.is(bench.told.answered, 1);
    t.true(touched.length > 0);
  });
}

/** A connection whose signatures wait until the test gives them, or fails them. */
async function signedLate(t: ExecutionContext) {
  const journal = await journalOf(t);
  const waiting: { readonly give: () => void; readonly fail: (error: Error) => void }[] = [];
  const sign = (message: Uint8Array) =>
    new Promise<Uint8Array>((resolve, reject) => {
      waiting.push({ give: () => resolve(LCU_KEY.sign(message)), fail: reject });
    });
  const bench = benchConnection(journal, { ...LCU_KEY, sign });
  const greeting = bench.connection.receive(helloFrame());
  const greet = async (): Promise<Uint8Array> => {
    waiting.shift()?.give();
    await greeting;
    return openedHelloAnswer(bench).lcuNonce;
  };
  return { ...bench, journal, waiting, greeting, greet };
}

test('a poll that comes while the one before it is being signed is dropped, and the connection stays', async (t) => {
  const bench = await signedLate(t);
  const nonce = await bench.greet();
  const polls = [1, 2].map((pollId) => bench.connection.receive(pollFrame(nonce, bench.journal.epoch, { pollId })));
  await polls[1];
  t.deepEqual([bench.log.codes, bench.waiting.length], [['poll-too-soon'], 1]);
  bench.waiting.shift()?.give();
  await polls[0];
  const { answer } = answerOf(bench);
  t.deepEqual([answer.pollId, bench.told.answered], [1, 1]);
  const third = bench.connection.receive(pollFrame(nonce, bench.journal.epoch, { pollId: 3 }));
  bench.waiting.shift()?.give();
  await third;
  t.is(bench.told.answered, 2);
});

test('an answer that cannot be signed costs that answer only, a hello-answer the connection', async (t) => {
  const failed = new FarolaError('internal', { reason: 'no thread' });
  const bench = await signedLate(t);
  const nonce = await bench.greet();
  for (const pollId of [1, 2]) {
    const polled = bench.connection.receive(pollFrame(nonce, bench.journal.epoch, { pollId }));
    if (pollId === 1) bench.waiting.shift()?.fail(failed);
    else bench.waiting.shift()?.give();
    await polled;
  }
  t.deepEqual([bench.log.codes, bench.told.answered, bench.channel.closed], [['internal'], 1, undefined]);
  const other = await signedLate(t);
  other.waiting.shift()?.fail(failed);
  await other.greeting;
  t.deepEqual([other.told.greeted, other.channel.closed?.reason], [0, 'internal']);
});

test('of a channel that closes while something is being signed nothing is told any more', async (t) => {
  const ungreeted = await signedLate(t);
  ungreeted.connection.end();
  ungreeted.waiting.shift()?.give();
  await ungreeted.greeting;
  t.deepEqual([ungreeted.channel.sent, ungreeted.told.greeted], [[], 0]);
  const bench = await signedLate(t);
  const polled = bench.connection.receive(pollFrame(await bench.greet(), bench.journal.epoch));
  bench.connection.end();
  bench.waiting.shift()?.give();
  await polled;
  t.deepEqual([bench.channel.sent.length, bench.told.answered], [1, 0]);
});

test('ten polls that are not good are dropped, and one more closes the connection', async (t) => {
  const bench = await greeted(t);
  const replayed = pollFrame(new Uint8Array(16).fill(77), bench.journal.epoch);
  const sent = bench.channel.sent.length;
  for (let i = 0; i < 10; i++) await bench.connection.receive(replayed);
  t.is(bench.channel.closed, undefined);
  await bench.connection.receive(replayed);
  t.is(bench.channel.closed?.reason, 'poll-nonce-foreign');
  t.is(bench.channel.sent.length, sent);
});

test('a frame of a kind that is not known is dropped, and a malformed one closes the connection', async (t) => {
  const bench = await greeted(t);
  await bench.connection.receive(encodeFrame(5, new Uint8Array(3)));
  t.deepEqual(bench.log.codes, ['frame-kind-unexpected']);
  t.is(bench.channel.closed, undefined);
  await bench.connection.receive(Uint8Array.of(0x82, 0x03));
  t.is(bench.channel.closed?.reason, 'frame-malformed');
});

test('a poll with something attached closes the connection', async (t) => {
  const bench = await greeted(t);
  const poll = cutFrame(pollFrame(bench.helloAnswer.lcuNonce, bench.journal.epoch));
  await bench.connection.receive(encodeFrame(poll.kind, poll.signed, [new Uint8Array(1)]));
  t.is(bench.channel.closed?.reason, 'frame-malformed');
});

test('a journal that cannot note acks is read all the same; one that cannot be read costs the answer only', async (t) => {
  const journal = await journalOf(t);
  const broken: Journal = Object.create(journal, {
    applyAcks: {
      value: () => {
        throw new FarolaError('disk-failure', { path: 'x', reason: 'full' });
      },
    },
    epoch: { get: () => journal.epoch },
    select: { value: journal.select.bind(journal), writable: true },
    openEpochs: { value: journal.openEpochs.bind(journal) },
    gaps: { value: journal.gaps.bind(journal) },
  }) as Journal;
  const bench = await greeted(t, broken);
  await bench.connection.receive(pollFrame(bench.helloAnswer.lcuNonce, journal.epoch));
  t.deepEqual(bench.log.codes, ['disk-failure']);
  t.is(bench.told.answered, 1);
  broken.select = () => {
    throw new FarolaError('journal-corrupt', { path: 'x', reason: 'y' });
  };
  await bench.connection.receive(pollFrame(bench.helloAnswer.lcuNonce, journal.epoch, { pollId: 2 }));
  t.deepEqual(bench.log.codes, ['disk-failure', 'journal-corrupt'], 'each is told once');
  t.is(bench.channel.closed, undefined);
});

test('no bytes whatever make it throw', async (t) => {
  const journal = await journalOf(t);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, afterHello) => {
      const bench = benchConnection(journal);
      if (afterHello) await bench.connection.receive(helloFrame());
      await bench.connection.receive(bytes);
      t.false(bench.log.codes.includes('internal'));
      t.is(bench.told.answered, 0);
    }),
    runs(300),
  );
});
