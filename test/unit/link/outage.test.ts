import { Outage } from '@farola/agent/link/outage.js';
import { FarolaError } from '@farola/shared';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';
import { RecordedLog } from '../../fakes/link-bench.js';

const MINUTE_MS = 60_000;
const PENDING = { reason: 'lcu-pending', orderly: true };

function scene() {
  const time = new FakeTime();
  const log = new RecordedLog();
  return { time, log, outage: new Outage(log, time) };
}

test('a refusal is a warning once, information at each other try, and a warning again each hour', async (t) => {
  const { time, log, outage } = scene();
  for (let minute = 0; minute < 180; minute++) {
    outage.ended(PENDING, MINUTE_MS);
    await time.advance(MINUTE_MS);
  }
  t.deepEqual(log.codes, ['link-down', 'link-down', 'link-down']);
  t.is(log.messages.filter((message) => message === 'not connected').length, 177);
  t.like(log.told.at(-1)?.facts, { reason: 'lcu-pending', sinceS: 179 * 60, waitMs: MINUTE_MS });
});

test('another reason is a warning of its own; a dial that fails is told by its code', (t) => {
  const { log, outage } = scene();
  const error = new FarolaError('collector-unreachable', { address: 'wss://x', reason: 'ECONNREFUSED' });
  for (let tries = 0; tries < 3; tries++) {
    outage.ended({ reason: 'closed with 1006', orderly: false }, 1_000);
    outage.ended({ reason: error.code, orderly: false, error }, 1_000);
  }
  t.deepEqual(log.codes, ['link-down', 'collector-unreachable']);
});

test('after an answered poll the same reason is a warning again', (t) => {
  const { log, outage } = scene();
  outage.ended(PENDING);
  outage.over();
  outage.ended(PENDING);
  t.deepEqual(log.codes, ['link-down', 'link-down']);
});

test('a collector that is restarted is no warning unless it stays away', async (t) => {
  const { time, log, outage } = scene();
  const restarted = { reason: 'shutting-down', orderly: true };
  outage.ended(restarted);
  t.deepEqual(log.codes, []);
  await time.advance(5 * MINUTE_MS);
  outage.ended(restarted);
  t.deepEqual(log.codes, ['link-down']);
});

test('what we refused was told when we did', (t) => {
  const { log, outage } = scene();
  outage.ended({ reason: 'hello-missing', orderly: false, told: true });
  t.deepEqual([log.codes, log.messages], [[], ['not connected']]);
});

test('reasons that the other side makes up do not fill the log', (t) => {
  const { log, outage } = scene();
  for (let made = 0; made < 1_000; made++) outage.ended({ reason: `made up ${made}`, orderly: false });
  t.is(log.codes.length, 32);
});
