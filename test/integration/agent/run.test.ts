import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunStatus } from '@farola/agent/status/run-status.js';
import { decodeEntry, formatToken, pause, sameBytes, systemTimers, toHex, WANT } from '@farola/shared';
import { checkJson } from '#scripts/docs/json/check-json.js';
import test from 'ava';
import { farolaAgent, startFarolaAgent, writeAgentConfig } from '../../fakes/agent-process.js';
import { acceptEnrolment, fakeCollector, greet, pollOnce } from '../../fakes/fake-collector.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

/** Waits until the condition holds, which may also throw while it does not. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      if (holds()) return;
    } catch (error) {
      if (tries > 500) throw error;
    }
    if (tries > 500) throw new Error('it never came to that');
    await pause(systemTimers, 20);
  }
}

test('an agent enrols, runs, is polled and acknowledged, loses its connection, comes back, and stops in order', async (t) => {
  const folder = temporaryFolder(t);
  const config = writeAgentConfig(folder);
  const collector = await fakeCollector(t);
  const line = formatToken(collector.token('malaga-0042'));

  const enrolling = farolaAgent(['enroll', '-', '--config', config], line);
  const { publicKey, words } = await acceptEnrolment(collector, await collector.connection('/v1/enrol'));
  const enrolled = await enrolling;
  t.is(enrolled.code, 0, enrolled.err);
  for (const word of words) t.true(enrolled.out.includes(word.toUpperCase()));

  const { child, ended } = startFarolaAgent(t, ['run', '--config', config]);
  const first = await collector.connection('/v1/lcu');
  const hello = await greet(collector, first);
  t.is(hello.lcuId, 'malaga-0042');
  let { answer, entries } = await pollOnce(collector, first, hello, publicKey, {
    pollId: 1,
    want: [WANT.newest, hello.epoch, 0],
  });
  t.is(decodeEntry(entries[0]!).kind, 'start');
  const { epoch, to, head } = answer;
  first.terminate();

  const second = await collector.connection('/v1/lcu');
  const again = await greet(collector, second);
  t.true(sameBytes(again.epoch, epoch), 'the same run, the same epoch');
  t.false(sameBytes(again.lcuNonce, hello.lcuNonce));
  const acks: [Uint8Array, number, Uint8Array][] = [[epoch, to, head]];
  const statusFile = join(folder, 'run', 'status.json');
  await until(() => (JSON.parse(readFileSync(statusFile, 'utf8')) as RunStatus).samples.taken >= 2);
  ({ answer, entries } = await pollOnce(collector, second, again, publicKey, { pollId: 1, want: [WANT.newest, epoch, 0], acks }));
  t.is(answer.from, 1);
  t.true(entries.length >= 3);
  t.like(decodeEntry(entries[1]!), { kind: 'sample', status: 'line-unavailable', analyser: 0 });

  const status = await farolaAgent(['status', '--json', '--config', config]);
  checkJson('farola-agent', ['status'], status.out);
  const told = JSON.parse(status.out) as Record<string, Record<string, unknown>>;
  t.like(told, { enrolment: { lcuId: 'malaga-0042' }, run: { epoch: toHex(epoch), link: { state: 'connected' } } });
  const { meter } = told['run'] as unknown as { meter: { analysers: object[]; lines: object[] } };
  t.like(meter.analysers[0], { analyserId: 'main', groups: [{ status: 'line-unavailable', skipped: 0 }] });
  t.like(meter.lines[0], { lineId: 'line-1', requests: 0, timeouts: 0, crc: 0, lateAnswers: 0 });
  t.regex(
    (await farolaAgent(['status', '--config', config])).out,
    /^line line-1: +unavailable since \S+Z: connect ECONNREFUSED \S+; \d+ failed opens?, 0 of 0 answered.*\nanalyser main: +line-unavailable, newest sample \d+ s ago, failing since /m,
  );

  child.kill('SIGTERM');
  const { code, out, err } = await ended;
  t.is(code, 0, err);
  t.is(err, '');
  t.true(
    out
      .trim()
      .split('\n')
      .every((text) => text.startsWith('{')),
  );
  t.is(readFileSync(join(folder, 'state', 'identity.key')).length, 32);
  const after = await farolaAgent(['status', '--config', config]);
  t.true(after.out.includes('not running'));
});
