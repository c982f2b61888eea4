import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeEntry, formatToken, pause, sameBytes, systemTimers, toHex, WANT } from '@farola/shared';
import test from 'ava';
import Database from 'better-sqlite3';
import { farolaAgent, startFarolaAgent, writeAgentConfig } from '../../fakes/agent-process.js';
import { enrolledAgent } from '../../fakes/enrolled-agent.js';
import { acceptEnrolment, fakeCollector, greet, pollOnce } from '../../fakes/fake-collector.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { StrictCollector } from '../../fakes/strict-collector.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const KILLS = process.env['FAROLA_LONG'] === '1' ? 30 : 3;

test(`an agent killed ${KILLS} times while it is polled: what it signed stands, and each start names the end before`, async (t) => {
  t.timeout(600_000);
  const folder = temporaryFolder(t);
  const config = writeAgentConfig(folder);
  const collector = await fakeCollector(t);
  const enrolling = farolaAgent(['enroll', '--config', config], formatToken(collector.token('malaga-0042')));
  const { publicKey } = await acceptEnrolment(collector, await collector.connection('/v1/enrol'));
  t.is((await enrolling).code, 0);

  const seed = process.env['FAROLA_SEED'] ?? String(process.pid);
  t.log(`seed ${seed}: FAROLA_SEED=${seed} repeats the delays`);
  const random = seededRandom(seed);
  const strict = new StrictCollector();
  let last: { epoch: Uint8Array; to: number } | undefined;
  for (let kill = 0; kill < KILLS; kill++) {
    const { child, ended } = startFarolaAgent(t, ['run', '--config', config]);
    const connection = await collector.connection('/v1/lcu');
    const hello = await greet(collector, connection);
    const delayMs = (random.bytes(1)[0] ?? 0) * 5;
    const killLater = () => setTimeout(() => child.kill('SIGKILL'), delayMs);
    // Each life answers once, however slow the machine: the one after it is compared with what it signed.
    for (let pollId = 1; ; pollId++) {
      const question = { pollId, want: [WANT.newest, hello.epoch, 0] as [1, Uint8Array, number] };
      const taken = await pollOnce(collector, connection, hello, publicKey, question).catch(() => undefined);
      if (!taken) break;
      strict.take({ ...taken.answer, entries: taken.entries });
      if (pollId === 1 && last) {
        const start = decodeEntry(taken.entries[0]!);
        const previous = start.kind === 'start' ? start.previous : undefined;
        t.is(toHex(previous!.epoch), toHex(last.epoch));
        t.true(previous!.n >= last.to, 'nothing that was signed is gone');
        const known = strict.known(last.epoch).heads.get(previous!.n);
        if (known) t.true(sameBytes(known, previous!.head));
      }
      last = taken.answer;
      if (pollId === 1) killLater();
    }
    child.kill('SIGKILL');
    await ended;
    t.true(last !== undefined);
  }
});

test('a kill costs no sample that was taken before it: each is in the journal before it is counted', async (t) => {
  t.timeout(120_000);
  const { folder, config } = await enrolledAgent(t);
  const status = join(folder, 'run', 'status.json');
  const taken = (): number =>
    existsSync(status) ? ((JSON.parse(readFileSync(status, 'utf8')) as { samples?: { taken: number } }).samples?.taken ?? 0) : 0;
  const { child, ended } = startFarolaAgent(t, ['run', '--config', config]);
  for (let tries = 0; taken() < 3 && tries < 600; tries++) await pause(systemTimers, 50);
  child.kill('SIGKILL');
  await ended;
  const db = new Database(join(folder, 'state', 'journal.sqlite'), { readonly: true });
  t.teardown(() => db.close());
  const kinds = db
    .prepare<[], Uint8Array>('SELECT bytes FROM entry')
    .pluck()
    .all()
    .map((bytes) => decodeEntry(bytes).kind);
  const written = kinds.filter((kind) => kind === 'sample').length;
  t.true(taken() >= 3);
  t.true(written === taken() || written === taken() + 1, `${written} in the journal, ${taken()} counted`);
});
