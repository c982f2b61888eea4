import test from 'ava';
import { EpochHolding } from '@farola/collector/ledger/epoch-holding.js';
import { runRound, type Taken, VAIN_POLLS } from '@farola/collector/poll/run-round.js';
import { type Ack, type OpenEpoch, refuse, type Result, toHex, WANT, type Want } from '@farola/shared';
import { MemoryChannel } from '../../fakes/memory-channel.js';
import { testSession } from '../../fakes/test-collector.js';

const PRESENT = new Uint8Array(8).fill(2);
const OLD = new Uint8Array(8).fill(1);
const HASH = (n: number): Uint8Array => new Uint8Array(32).fill(n);

/** An LCU that holds these epochs and answers at most 256 entries at a time, and what the collector holds of it. */
class Scene {
  readonly session = testSession(new MemoryChannel(), PRESENT);
  readonly holdings = new Map<string, EpochHolding>();
  readonly asked: { acks: readonly Ack[]; want: Want }[] = [];
  readonly open: OpenEpoch[];

  constructor(open: OpenEpoch[]) {
    this.open = open;
  }

  holdingOf = (epoch: Uint8Array): EpochHolding => this.holdings.get(toHex(epoch)) ?? EpochHolding.EMPTY;

  hold(epoch: Uint8Array, from: number, to: number): void {
    const added = { from, to, prev: HASH((from - 1) % 251), head: HASH(to % 251) };
    this.holdings.set(toHex(epoch), this.holdingOf(epoch).with(added));
  }

  heldBack: Want[] = [];

  deps = {
    holdingOf: this.holdingOf,
    heldToAsk: this.holdingOf,
    bringOrders: () => undefined,
    previousOf: () => null,
    isWhole: () => true,
    headAt: (_: Uint8Array, n: number) => HASH(n % 251),
    bytelessIn: () => [],
    isEndHeld: () => true,
    mayBeHere: () => false,
    telling: () => undefined,
    heldBack: (want: Want) => void this.heldBack.push(want),
  };

  pollOnce = (acks: readonly Ack[], want: Want): Promise<Result<Taken>> => {
    this.asked.push({ acks, want });
    this.session.openEpochs = this.open;
    const last = this.open.find(([epoch]) => toHex(epoch) === toHex(want[1]))?.[2] ?? 0;
    const newest = want[0] === WANT.newest;
    const from = newest ? Math.max(want[2] + 1, last - 255) : want[2] + 1;
    const to = newest ? last : Math.min(want[3] - 1, from + 255);
    const parts = this.holdingOf(want[1]).missing(from, to);
    for (const part of parts) this.hold(want[1], part.from, part.to);
    const entriesStored = parts.reduce((sum, part) => sum + part.to - part.from + 1, 0);
    return Promise.resolve({ ok: true, value: { entriesStored, entriesGone: 0, recognised: false, backlog: 0, codeHash: null } });
  };
}

const never = (): boolean => false;

test('asks one poll when nothing is missing', async (t) => {
  const scene = new Scene([[PRESENT, 1, 10]]);
  const outcome = await runRound(scene.session, { ...scene.deps, pollOnce: scene.pollOnce, over: never });
  t.like(outcome, { polls: 1, entriesStored: 10, good: true });
});

test('asks the newest first, then what is missing, oldest epoch first, until all is stored once', async (t) => {
  const scene = new Scene([
    [OLD, 1, 600],
    [PRESENT, 1, 1000],
  ]);
  const outcome = await runRound(scene.session, { ...scene.deps, pollOnce: scene.pollOnce, over: never });
  t.is(outcome.entriesStored, 1600);
  t.is(scene.asked[0]?.want[0], WANT.newest);
  t.deepEqual(
    scene.asked.slice(1, 4).map(({ want }) => toHex(want[1])),
    [OLD, OLD, OLD].map(toHex),
  );
  t.is(scene.holdingOf(PRESENT).mark.n, 1000);
  t.is(scene.holdingOf(OLD).mark.n, 600);
});

test('acknowledges only what is stored without a hole from entry 1', async (t) => {
  const scene = new Scene([[PRESENT, 1, 1000]]);
  await runRound(scene.session, { ...scene.deps, pollOnce: scene.pollOnce, over: never });
  t.deepEqual(scene.asked[1]?.acks, []);
  const { acks } = scene.asked.at(-1) as { acks: readonly Ack[] };
  t.is(acks[0]?.[1], 512);
});

test('an epoch of which the LCU lost its last entries is acknowledged up to the last that it still has', async (t) => {
  const scene = new Scene([
    [OLD, 1, 20],
    [PRESENT, 1, 10],
  ]);
  scene.hold(OLD, 1, 30);
  await runRound(scene.session, { ...scene.deps, pollOnce: scene.pollOnce, over: never });
  const acks = scene.asked.at(-1)?.acks ?? [];
  t.deepEqual(
    acks.map(([epoch, n, head]) => [toHex(epoch), n, toHex(head)]),
    [
      [toHex(OLD), 20, toHex(HASH(20))],
      [toHex(PRESENT), 10, toHex(HASH(10))],
    ],
  );
  t.deepEqual(
    scene.asked.map(({ want }) => want[0]),
    [WANT.newest, WANT.newest, WANT.range],
    'it lists it all the same: its last entry is asked',
  );
  t.deepEqual(scene.asked[2]?.want, [WANT.range, OLD, 19, 21]);
  await runRound(scene.session, { ...scene.deps, pollOnce: scene.pollOnce, over: never });
  t.true(
    scene.asked.slice(3).every(({ want }) => want[0] === WANT.newest),
    'once in a connection',
  );
  t.deepEqual(scene.heldBack, [], 'nothing is lacking');
});

test('ends when the next round is due, and goes on in the next with the newest', async (t) => {
  const scene = new Scene([[PRESENT, 1, 5000]]);
  const outcome = await runRound(scene.session, { ...scene.deps, pollOnce: scene.pollOnce, over: () => scene.asked.length >= 3 });
  t.is(outcome.polls, 3);
  await runRound(scene.session, { ...scene.deps, pollOnce: scene.pollOnce, over: () => scene.asked.length >= 4 });
  t.is(scene.asked[3]?.want[0], WANT.newest);
});

test('does not ask again for what an LCU does not give', async (t) => {
  const scene = new Scene([
    [OLD, 1, 600],
    [PRESENT, 1, 10],
  ]);
  let polls = 0;
  const empty = (acks: readonly Ack[], want: Want): Promise<Result<Taken>> => {
    polls++;
    if (toHex(want[1]) === toHex(PRESENT)) return scene.pollOnce(acks, want);
    return Promise.resolve({
      ok: true,
      value: { entriesStored: 0, entriesGone: 0, recognised: false, backlog: 600, codeHash: null },
    });
  };
  const outcome = await runRound(scene.session, { ...scene.deps, pollOnce: empty, over: never });
  t.is(polls, 2);
  t.true(outcome.good);
});

test('security: epochs that an LCU lists and does not give are not remembered, however many there are', async (t) => {
  const old = Array.from({ length: 30 }, (_, i): OpenEpoch => [new Uint8Array(8).fill(100 + i), 1, 600]);
  const scene = new Scene([...old, [PRESENT, 1, 10]]);
  const empty = (acks: readonly Ack[], want: Want): Promise<Result<Taken>> => {
    if (toHex(want[1]) === toHex(PRESENT)) return scene.pollOnce(acks, want);
    return Promise.resolve({
      ok: true,
      value: { entriesStored: 0, entriesGone: 0, recognised: false, backlog: 600, codeHash: null },
    });
  };
  const outcome = await runRound(scene.session, { ...scene.deps, pollOnce: empty, over: never });
  t.is(outcome.polls, 31);
  t.false(old.some(([epoch]) => scene.session.gone.has(toHex(epoch))));
});

test('ends at the first answer that is not good', async (t) => {
  const scene = new Scene([[PRESENT, 1, 1000]]);
  let polls = 0;
  const failing = (acks: readonly Ack[], want: Want): Promise<Result<Taken>> =>
    ++polls === 2 ? Promise.resolve(refuse('answer-missing', { deadlineMs: 1 })) : scene.pollOnce(acks, want);
  const outcome = await runRound(scene.session, { ...scene.deps, pollOnce: failing, over: never });
  t.like(outcome, { polls: 2, good: false, first: { ok: true } });
});

test('brings orders after the last good answer, and none while an answer is owed: that would pass for the reply to them', async (t) => {
  for (const lastIs of ['answered', 'missing'] as const) {
    const scene = new Scene([[PRESENT, 1, 1000]]);
    let polls = 0;
    let brought = 0;
    const bringOrders = (): Promise<void> => {
      brought++;
      return Promise.resolve();
    };
    const pollOnce = (acks: readonly Ack[], want: Want): Promise<Result<Taken>> =>
      ++polls === 2 && lastIs === 'missing'
        ? Promise.resolve(refuse('answer-missing', { deadlineMs: 1 }))
        : scene.pollOnce(acks, want);
    await runRound(scene.session, { ...scene.deps, bringOrders, pollOnce, over: never });
    t.is(brought, lastIs === 'answered' ? 1 : 0);
  }
});

test('ends although of a past epoch that is stored whole no head is known to acknowledge', async (t) => {
  const old = new Uint8Array(8).fill(100);
  const scene = new Scene([
    [old, 1, 5],
    [PRESENT, 1, 10],
  ]);
  scene.hold(old, 1, 9);
  let polls = 0;
  const pollOnce = (acks: readonly Ack[], want: Want): Promise<Result<Taken>> => {
    polls++;
    return scene.pollOnce(acks, want);
  };
  const outcome = await runRound(scene.session, { ...scene.deps, headAt: () => undefined, pollOnce, over: () => polls > 20 });
  t.true(outcome.polls <= 3, `${outcome.polls} polls`);
});

test('fills holes before it makes one island too many', async (t) => {
  const scene = new Scene([[PRESENT, 1, 20_000]]);
  for (let i = 0; i < 32; i++) scene.hold(PRESENT, 1000 + i * 10, 1000 + i * 10 + 4);
  scene.session.openEpochs = scene.open;
  await runRound(scene.session, { ...scene.deps, pollOnce: scene.pollOnce, over: () => true });
  t.deepEqual(scene.asked[0]?.want, [WANT.range, PRESENT, 0, 1000]);
});

test('security: an LCU whose answers are refused is told once in a round what it should tell, not as fast as it answers', async (t) => {
  const scene = new Scene([[PRESENT, 221, 374]]);
  scene.session.openEpochs = scene.open;
  let polls = 0;
  const forked = (): Promise<Result<Taken>> => Promise.resolve(++polls > 20 ? refuse('nonce-unknown') : refuse('chain-fork'));
  scene.hold(PRESENT, 373, 374);
  scene.hold(PRESENT, 221, 372);
  await runRound(scene.session, { ...scene.deps, pollOnce: forked, over: never });
  t.is(polls, 2);
});

test('security: an LCU that lists another epoch with each answer, and has nothing of any, is asked so often in a round', async (t) => {
  const scene = new Scene([]);
  let polls = 0;
  const empty = (): Promise<Result<Taken>> => {
    const epoch = new Uint8Array(8);
    new DataView(epoch.buffer).setUint32(0, ++polls);
    scene.session.openEpochs = polls > 2000 ? [] : [[epoch, 1, 600]];
    const value = { entriesStored: 0, entriesGone: 0, recognised: false, backlog: 600, codeHash: null };
    return Promise.resolve({ ok: true, value });
  };
  const outcome = await runRound(scene.session, { ...scene.deps, pollOnce: empty, over: never });
  t.is(outcome.polls, VAIN_POLLS + 1);
  t.true(outcome.good);
});
