import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { decodeEntry, EVENT_CODES, GAP_REASON, KINDS, toHex, WANT } from '@farola/shared';
import { cutAnswerFrame } from '@farola/shared/envelope/frame.js';
import { ROUND_MS } from '../../fakes/collector-rig.js';
import { JournalScene } from '../../fakes/journal-scene.js';
import { perfect } from '../../fakes/message-link.js';
import { storedEntries } from '../../fakes/stored-entries.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { EPOCH_START, openTestJournal } from '../../fakes/test-journal.js';

const LONG = process.env['FAROLA_LONG'] === '1';

test('D38: a collector restored from yesterday asks the night again, over several epochs, and takes no replay for it', async (t) => {
  const scene = await JournalScene.open(t);
  const yesterday = join(temporaryFolder(t), 'yesterday');
  scene.fill(300);
  scene.connect();
  await scene.time.advance(ROUND_MS);
  await scene.backUp(yesterday);
  for (let epoch = 0; epoch < 3; epoch++) {
    scene.connect();
    scene.fill(700);
    await scene.time.advance(2 * ROUND_MS);
    await scene.restartAgent();
  }
  scene.connect();
  await scene.time.advance(2 * ROUND_MS);
  t.is(scene.missing().length, 0);
  t.is(scene.journal.size().backlog, 0);

  await scene.restore(yesterday);
  t.true(scene.missing().length >= 2_100);
  const night = scene.sent.filter((message) => cutAnswerFrame(message).kind === KINDS.answer.number);
  let replayed = 0;
  const replay = (message: Uint8Array): Uint8Array[] => {
    const old = night[replayed % night.length];
    if (cutAnswerFrame(message).kind !== KINDS.answer.number || !old || replayed >= 5) return [];
    replayed++;
    return [old];
  };
  scene.connect(perfect, replay);
  const before = scene.missing();
  await scene.run(5 * 5, perfect, () => undefined);
  t.is(replayed, 5);
  const refused = scene.rig.log.filter(({ level }) => level === 'warn').map(({ fields }) => fields['code']);
  t.true(refused.length >= 5);
  t.deepEqual(
    refused.filter((code) => !['nonce-mismatch', 'nonce-unknown', 'poll-mismatch'].includes(String(code))),
    [],
  );
  await scene.time.advance(3 * ROUND_MS);
  t.is(scene.missing().length, 0, 'all of the night is there again, once');
  t.true(before.length > 0);
  t.is(scene.rig.ledger.judgements(scene.known.lcuNo).length, 0);
  const live = scene.rig.state.derived.latest(scene.known.lcuNo);
  t.true(live.length > 0);
  t.true(
    live.every(({ ageMs }) => ageMs <= 300_000),
    'no old sample is live',
  );
});

test('a collector restored from before what the journal has released is told that it is gone, and acknowledges what follows', async (t) => {
  const scene = await JournalScene.open(t, { maxBytes: 120_000 });
  const yesterday = join(temporaryFolder(t), 'yesterday');
  const nothing = join(temporaryFolder(t), 'nothing');
  await scene.backUp(nothing);
  scene.fill(300);
  scene.connect();
  await scene.time.advance(ROUND_MS);
  await scene.backUp(yesterday);
  for (const copy of [yesterday, nothing]) {
    for (let i = 0; i < 8; i++) {
      if (scene.link?.isClosed() !== false) scene.connect();
      scene.fill(300);
      await scene.time.advance(ROUND_MS);
    }
    await scene.time.advance(ROUND_MS);
    t.is(scene.journal.size().backlog, 0);
    t.true((scene.journal.openEpochs().at(-1)?.[1] ?? 0) > 301, 'what was acknowledged is released');
    const { n } = scene.journal.end;
    await scene.restore(copy);
    scene.connect();
    await scene.time.advance(3 * ROUND_MS);
    t.is(scene.journal.size().backlog, 0, 'all of it is acknowledged');
    t.deepEqual(scene.journal.gaps(), []);
    t.is(scene.rig.ledger.holding(scene.known.lcuNo, scene.journal.epoch).mark.n, n);
    t.deepEqual(
      scene.rig.ledger.judgements(scene.known.lcuNo).map(({ code }) => code),
      [],
    );
  }
});

for (const [what, connectedMs] of [
  ['whose connections end while their first answer is stored', 10],
  ['whose connections last for one round', 2_000],
] as const) {
  test(`D33: an LCU ${what} is not said to withhold what it released`, async (t) => {
    const scene = await JournalScene.open(t, { maxBytes: 60_000 });
    const nothing = join(temporaryFolder(t), 'nothing');
    await scene.backUp(nothing);
    for (let i = 0; i < 4; i++) {
      scene.connect();
      scene.fill(300);
      await scene.time.advance(ROUND_MS);
    }
    const [, first, last] = scene.journal.openEpochs().at(-1)!;
    t.true(last - first < 256, 'one answer brings what it has');
    t.true((scene.journal.openEpochs().at(-1)?.[1] ?? 0) > 301, 'what was acknowledged is released');
    await scene.restore(nothing);
    for (let connection = 0; connection < 4; connection++) {
      scene.connect();
      await scene.time.advance(connectedMs);
      scene.link?.cut();
      await scene.time.advance(ROUND_MS);
    }
    t.deepEqual(
      scene.rig.ledger.judgements(scene.known.lcuNo).map(({ code }) => code),
      [],
    );
  });
}

for (const [what, restarts] of [
  ['reconnects', false],
  ['restarts', true],
] as const) {
  test(`a collector restored from a backup gets the epochs that it lost, though the LCU breaks off among them and ${what}`, async (t) => {
    const scene = await JournalScene.open(t);
    const nothing = join(temporaryFolder(t), 'nothing');
    await scene.backUp(nothing);
    for (let epoch = 0; epoch < 4; epoch++) {
      scene.fill(10);
      scene.connect();
      await scene.time.advance(2_000);
      await scene.restartAgent();
    }
    t.deepEqual(scene.missing(), []);
    await scene.restore(nothing);
    let sent = 0;
    scene.connect((toCollector) => (toCollector && ++sent > 3 ? [] : [0]));
    await scene.time.advance(2_000);
    t.is(scene.missing().length, 30, 'one of the epochs has come');
    if (restarts) await scene.restartAgent();
    scene.connect();
    await scene.time.advance(2_000);
    t.deepEqual(scene.missing(), []);
  });
}

test('D36: a journal that lost its last commits, with the collector ahead: no number is given again, nothing is doubled', async (t) => {
  const scene = await JournalScene.open(t);
  const moment = temporaryFolder(t);
  const files = ['journal.sqlite', 'journal.sqlite-wal'];
  scene.connect();
  for (let round = 0; round < 4; round++) {
    scene.fill(50);
    await scene.time.advance(ROUND_MS);
    const { end } = scene.journal;
    for (const file of files) cpSync(join(scene.folder, file), join(moment, file));
    scene.fill(20 + round);
    await scene.time.advance(ROUND_MS);
    t.is(scene.missing().length, 0, 'the collector has what the disk will lose');
    const ahead = scene.journal.end;
    await scene.restartAgent(() => {
      for (const file of [...files, 'journal.sqlite-shm']) rmSync(join(scene.folder, file), { force: true });
      for (const file of files) cpSync(join(moment, file), join(scene.folder, file));
    });
    const [start] = scene.journal.select([WANT.newest, scene.journal.epoch, 0]).entries.map(decodeEntry);
    const previous = start?.kind === 'start' ? start.previous : undefined;
    t.deepEqual([toHex(previous!.epoch), previous!.n], [toHex(end.epoch), end.n], 'what the disk still knew');
    t.true(end.n < ahead.n);
    t.notDeepEqual(scene.journal.epoch, ahead.epoch);
    scene.connect();
    scene.fill(10);
    await scene.time.advance(ROUND_MS);
    t.is(scene.missing().length, 0);
    t.false(scene.link?.isClosed());
  }
  const stored = storedEntries(scene.rig, scene.known.lcuNo);
  t.true(stored.size >= scene.written.size);
  await scene.time.advance(ROUND_MS);
  const [present, ...past] = scene.journal.openEpochs().toReversed();
  t.is(toHex(present![0]), toHex(scene.journal.epoch));
  t.deepEqual(past, [], 'what the disk still had of them is acknowledged');
});

test('D33: a full journal: what was evicted comes as gaps, all else once, and marks pass over the gaps', async (t) => {
  const scene = await JournalScene.open(t, { maxBytes: 120_000 });
  scene.fill(2_000);
  const gaps = [...scene.journal.gaps()];
  scene.connect();
  await scene.time.advance(ROUND_MS);
  scene.link?.cut();
  scene.fill(3_000);
  await scene.restartAgent();
  scene.fill(500);
  gaps.push(...scene.journal.gaps());
  t.true(gaps.length > 0 && gaps.every(([, , , , , reason]) => reason === GAP_REASON.evicted));
  const first = scene.journal.openEpochs()[0];
  scene.connect();
  await scene.time.advance(3 * ROUND_MS);
  const missing = scene.missing();
  t.true(missing.length > 0);
  const inGap = (id: string): boolean => {
    const [epoch, n] = id.split('/');
    return gaps.some(([of, from, to]) => toHex(of) === epoch && from <= Number(n) && Number(n) <= to);
  };
  t.is(missing.filter((id) => !inGap(id)).length, 0);
  const holding = scene.rig.ledger.holding(scene.known.lcuNo, first![0]);
  t.deepEqual([holding.mark.n, holding.islandCount], [first![2], 0]);
  t.deepEqual(scene.journal.gaps(), [], 'the collector has acknowledged them');
  t.is(EVENT_CODES.evicted, 3);
});

test('acks that disagree release nothing, are recorded once, and the agent goes on being polled', async (t) => {
  const scene = await JournalScene.open(t);
  scene.fill(100);
  scene.connect();
  await scene.time.advance(ROUND_MS);
  scene.link?.cut();
  const { epoch } = scene.journal;
  const wrong = new Uint8Array(32).fill(3);
  for (let poll = 0; poll < 3; poll++) {
    t.is(scene.journal.applyAcks([[epoch, 50, wrong]]).length, 1);
    t.is(scene.journal.size().backlog, scene.journal.end.n, 'nothing counts as acknowledged any more');
  }
  scene.fill(100);
  scene.connect();
  await scene.time.advance(2 * ROUND_MS);
  t.is(scene.missing().length, 0);
  const events = [...storedEntries(scene.rig, scene.known.lcuNo).values()]
    .map((bytes) => decodeEntry(Buffer.from(bytes, 'hex')))
    .filter((entry) => entry.kind === 'event' && entry.code === 'ack-disagrees');
  t.is(events.length, 1);
  await scene.time.advance(ROUND_MS);
  t.is(scene.journal.size().backlog, 0, 'acks that agree count again');
});

const EPOCHS = LONG ? 10_000 : 600;

test(`${EPOCHS} empty epochs of an agent that restarted without a connection are all delivered, within bounds`, async (t) => {
  t.timeout(3_600_000);
  const scene = await JournalScene.open(t);
  for (let i = 0; i < EPOCHS; i++) {
    if (i % 50 === 0) {
      scene.journal.close();
      scene.journal = await openTestJournal(scene.folder, { time: scene.time });
    } else {
      scene.journal.beginEpoch(EPOCH_START);
    }
  }
  scene.fill(1);
  t.is(scene.journal.size().backlog, EPOCHS + 2);
  const rssMb = (): number => process.memoryUsage.rss() / 1e6;
  scene.connect();
  await scene.time.advance(1_000);
  const stored = (): number => storedEntries(scene.rig, scene.known.lcuNo).size;
  t.is(scene.missing().length, 0, 'the newest comes first');
  const [startedMb, started] = [rssMb(), performance.now()];
  let slowestMs = 0;
  let rounds = 0;
  for (let before = -Infinity; scene.journal.size().backlog > 0; rounds++) {
    const progress = stored() - scene.journal.size().backlog;
    t.true(progress > before, `it goes on: ${progress}`);
    before = progress;
    const roundStarted = performance.now();
    await scene.time.advance(ROUND_MS);
    slowestMs = Math.max(slowestMs, performance.now() - roundStarted);
  }
  const seconds = (performance.now() - started) / 1000;
  t.is(stored(), EPOCHS + 2);
  const polls = scene.rig.contact(scene.known)?.answersOk ?? 0;
  t.true(rounds <= EPOCHS / 500 + 3, `${rounds} rounds of five minutes`);
  t.true(rssMb() - startedMb < 150, `${rssMb() - startedMb} MB more`);
  const began = performance.now();
  for (let i = 0; i < 20; i++) scene.journal.size();
  const sizeMs = (performance.now() - began) / 20;
  t.true(sizeMs < 20, `${sizeMs} ms for the size of the journal`);
  t.log(
    `${polls} polls in ${rounds} rounds, ${seconds.toFixed(1)} s of work, the slowest round ${slowestMs.toFixed(0)} ms, ` +
      `${(rssMb() - startedMb).toFixed(0)} MB more, size() ${sizeMs.toFixed(2)} ms`,
  );
  t.true(existsSync(join(scene.folder, 'journal.sqlite')));
});
