import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeEntry, formatToken, sameBytes, toHex, WANT } from '@farola/shared';
import test from 'ava';
import { farolaAgent, startFarolaAgent, writeAgentConfig } from '../../fakes/agent-process.js';
import { acceptEnrolment, fakeCollector, greet, pollOnce } from '../../fakes/fake-collector.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

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
  for (let pollId = 1; entries.length < 3; pollId++) {
    const taken = await pollOnce(collector, second, again, publicKey, { pollId, want: [WANT.newest, epoch, 0], acks });
    ({ answer, entries } = taken);
    t.is(answer.from, 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  t.like(decodeEntry(entries[1]!), { kind: 'sample', status: 'line-unavailable', analyser: 0 });

  const status = await farolaAgent(['status', '--json', '--config', config]);
  const told = JSON.parse(status.out) as Record<string, Record<string, unknown>>;
  t.like(told, { enrolment: { lcuId: 'malaga-0042' }, running: { epoch: toHex(epoch), link: { state: 'connected' } } });

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
