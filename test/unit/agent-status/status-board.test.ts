import type { Journal } from '@farola/agent/journal/journal.js';
import { statusLine } from '@farola/agent/main/service-watch.js';
import type { MeterStatus, RunStatus } from '@farola/agent/status/run-status.js';
import { StatusBoard } from '@farola/agent/status/status-board.js';
import { linkLines } from '@farola/agent/cli/status-link.js';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';

const ROUND_MS = 300_000;
const START_MS = Date.UTC(2026, 10, 23);
const METER: MeterStatus = { lines: [], analysers: [], units: [] };

/** A board over a journal whose backlog a test sets. */
function scene(meter: MeterStatus = METER) {
  const time = new FakeTime(START_MS);
  const size = { backlog: 1, bytes: 0, acknowledged: 0 };
  const published: RunStatus[] = [];
  const unmeasured = { tree: null, hash: null, files: 0, reason: 'checkout' };
  const also = { waiting: () => ({ waiting: 0, lost: 0 }), code: () => unmeasured, platform: () => unmeasured };
  const journal = { epoch: new Uint8Array(8), size: () => ({ ...size }) } as Journal;
  const run = { pid: 1, version: '0.1.0', lcuId: 'malaga-0042' };
  const board = new StatusBoard(
    run,
    time,
    journal,
    () => meter,
    also,
    (status) => published.push(status),
  );
  /** A poll is answered whose acks leave so many waiting; then so many more were written before the answer went. */
  const polledWith = (backlog: number, written = 0): void => {
    time.step(ROUND_MS);
    size.acknowledged += Math.max(0, size.backlog - backlog);
    size.backlog = backlog + written;
    board.linkIs('connected', { answered: true });
  };
  const sampled = (backlog: number): void => {
    size.backlog = backlog;
    board.sampled(true);
  };
  const said = (): string => linkLines(board.status).flat().join(': ');
  return { board, time, size, polledWith, sampled, said, published };
}

test('an acknowledgement is a poll that leaves fewer entries waiting', (t) => {
  const { board, polledWith, sampled, said } = scene();
  t.is(board.status.link.lastAcknowledgedMs, null);
  sampled(5);
  polledWith(5);
  t.like(board.status.link, { lastAcknowledgedMs: null, pollsInVain: 1 });
  polledWith(2);
  t.like(board.status.link, { lastAcknowledgedMs: START_MS + 2 * ROUND_MS, pollsInVain: 0 });
  t.regex(said(), /last acknowledged: 2026-11-23T00:10:00/);
  t.notRegex(said(), /has taken nothing/);
});

test('a sample that is written between the acks of a poll and its answer does not hide that they were taken', (t) => {
  const { board, polledWith, sampled, said } = scene();
  for (let poll = 1; poll <= 5; poll++) {
    sampled(5);
    polledWith(0, 5);
    t.like(board.status.link, { lastAcknowledgedMs: START_MS + poll * ROUND_MS, pollsInVain: 0 });
  }
  t.notRegex(said(), /has taken nothing/);
});

test('a journal that was set aside and begun anew counts its acks from nothing', (t) => {
  const { board, size, polledWith, sampled } = scene();
  sampled(9);
  polledWith(0);
  Object.assign(size, { backlog: 3, acknowledged: 0 });
  polledWith(3);
  t.is(board.status.link.pollsInVain, 1);
  polledWith(0);
  t.is(board.status.link.pollsInVain, 0);
});

test('a collector that takes nothing for three polls while entries wait is told, with since when and what to do', (t) => {
  const { board, polledWith, sampled, said } = scene();
  sampled(5);
  polledWith(0);
  for (let poll = 0; poll < 2; poll++) {
    sampled(5 * (poll + 1));
    polledWith(5 * (poll + 1));
  }
  t.notRegex(said(), /has taken nothing/);
  sampled(15);
  polledWith(15);
  t.is(board.status.link.pollsInVain, 3);
  t.regex(
    said(),
    /the collector has taken nothing since 2026-11-23T00:05:00.*ask the operator: `farola-collector status malaga-0042`/,
  );
  polledWith(0);
  t.notRegex(said(), /has taken nothing/);
});

test('one that took nothing since the agent runs is told by the start of the run; nothing is owed where nothing waits', (t) => {
  const refused = scene();
  for (let poll = 0; poll < 3; poll++) refused.polledWith(7);
  t.regex(refused.said(), /last acknowledged: never.*the collector has taken nothing since 2026-11-23T00:00:00/);
  const idle = scene();
  idle.polledWith(0);
  for (let poll = 0; poll < 5; poll++) idle.polledWith(0);
  t.is(idle.board.status.link.pollsInVain, 0);
});

test('entries that go for want of room are no acknowledgement', (t) => {
  const { board, sampled, polledWith } = scene();
  sampled(100);
  sampled(50);
  polledWith(50);
  t.like(board.status.link, { lastAcknowledgedMs: null, pollsInVain: 1 });
});

test('a link that waits tells when it tries again, and what to do', (t) => {
  const { board, said } = scene();
  board.linkIs('waiting', { reason: 'lcu-pending', waitMs: 45_000 });
  t.regex(
    said(),
    /because: lcu-pending; next try at 2026-11-23T00:00:45\S*: what to do: .*`farola-collector lcu approve malaga-0042 --words /,
  );
  board.linkIs('dialling', {});
  t.notRegex(said(), /next try/);
  board.linkIs('waiting', { reason: 'answer-missing', waitMs: 1_000 });
  t.regex(said(), /what to do: .*heard nothing from here in time/, 'not the advice for the operator');
  board.linkIs('waiting', { reason: 'closed with 1006', waitMs: 1_000 });
  t.notRegex(said(), /what to do/);
});

test('the line for systemd names the lines and how many analysers fail', (t) => {
  const well = { status: 'complete', atMs: START_MS, failingSinceMs: null, code: null };
  const analyser = { line: 'one', ...well, device: null, mismatch: null, settings: [], flags: [], groups: [] };
  const failing = { ...analyser, status: 'line-unavailable', failingSinceMs: START_MS, code: 'line-unavailable' };
  const analysers = [
    { ...analyser, id: 'mains' },
    { ...failing, id: 'park' },
  ];
  const counts = {
    requests: 0,
    ok: 0,
    timeouts: 0,
    malformed: 0,
    crc: 0,
    exceptions: 0,
    strayBytes: 0,
    lateAnswers: 0,
    echoes: 0,
    busyMs: 0,
  };
  const line = { ...counts, id: 'one', opened: 0, failedOpens: 1 };
  const unavailable = { sinceMs: START_MS, code: 'line-unavailable', reason: 'connect ECONNREFUSED' };
  const { board, sampled } = scene({ ...METER, lines: [{ ...line, unavailable }], analysers });
  sampled(1);
  t.regex(statusLine(board.status), /; 1 of 2 analysers failing, unavailable: one; /);
});

test('a sign of life is published by itself, and changes nothing that was said', async (t) => {
  const { board, time, published, polledWith } = scene();
  polledWith(1);
  const { aliveMonoMs = 0, ...said } = board.status;
  await time.advance(10_000);
  board.beat();
  t.is(published.length, 2);
  t.deepEqual(published.at(-1), { ...said, aliveMonoMs: aliveMonoMs + 10_000 });
});
