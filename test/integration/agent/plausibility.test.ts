import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteJournal } from '@farola/agent/journal/sqlite-open.js';
import { flagName, formatToken, pause, quantityById, systemClock, systemRandom, systemTimers } from '@farola/shared';
import { checkJson } from '#scripts/docs/json/check-json.js';
import { startSimulatedPanel } from '#scripts/simulated-panel.js';
import test from 'ava';
import { farolaAgent, startFarolaAgent } from '../../fakes/agent-process.js';
import { acceptEnrolment, fakeCollector } from '../../fakes/fake-collector.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { EPOCH_START } from '../../fakes/test-journal.js';

/** What is asked of `status --json` here. */
interface Status {
  readonly run: { readonly meter: { readonly analysers: readonly { readonly notPlausible: readonly object[] }[] } } | null;
}

test('a running agent marks what is not plausible in the journal, and says so in its status', async (t) => {
  t.timeout(120_000);
  const panel = await startSimulatedPanel();
  t.teardown(() => panel.close());
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'run'));
  const config = join(folder, 'agent.yaml');
  writeFileSync(
    config,
    `lines: [{ id: one, transport: rtu-over-tcp, host: 127.0.0.1, port: ${panel.port}, timeoutMs: 1000 }]
analysers: [{ id: mains, line: one, unit: 1, profile: circutor-cvm-c10, supply: { hertz: 60 } }]
sampleSeconds: 1
stateDir: ${join(folder, 'state')}
runDir: ${join(folder, 'run')}
profilesDir: ${join(folder, 'own')}
`,
  );
  const collector = await fakeCollector(t);
  const enrolling = farolaAgent(['enroll', '-', '--config', config], formatToken(collector.token('malaga-0042')));
  await acceptEnrolment(collector, await collector.connection('/v1/enrol'));
  t.is((await enrolling).code, 0);
  const { child, ended } = startFarolaAgent(t, ['run', '--config', config]);
  let told: readonly object[] | undefined;
  for (let tries = 0; tries < 200 && !told?.length; tries++) {
    await pause(systemTimers, 100);
    const { out } = await farolaAgent(['status', '--json', '--config', config]);
    checkJson('farola-agent', ['status'], out);
    told = (JSON.parse(out) as Status).run?.meter.analysers[0]?.notPlausible;
  }
  t.deepEqual(told, [{ rule: 'frequency-band', quantities: ['frequency'] }]);
  const { out } = await farolaAgent(['status', '--config', config]);
  t.regex(
    out,
    /^analyser mains: +complete, newest sample \d+ s ago; 46 quantities each 1 s; not plausible: frequency-band \(frequency\)$/m,
  );
  child.kill('SIGTERM');
  t.is((await ended).code, 0);

  const path = join(folder, 'state', 'journal.sqlite');
  const journal = await openSqliteJournal({
    path,
    lcuId: 'malaga-0042',
    maxBytes: 1e9,
    clock: systemClock(),
    random: systemRandom,
  });
  t.teardown(() => journal.close());
  journal.beginEpoch(EPOCH_START);
  const [last] = journal.pastSamples({ wants: () => true, takes: (_row, { values }) => values.length > 0 });
  const marked = last?.sample?.marks?.flags.map(({ code, places }) => [
    flagName(code),
    places.map((place) => quantityById(last.row.quantities[place] ?? 0)?.name),
  ]);
  t.deepEqual(marked, [['frequency-band', ['frequency']]]);
  const frequency = last?.sample?.values[last.row.quantities.indexOf(21)];
  t.true(typeof frequency === 'number' && frequency > 49_000 && frequency < 51_000, 'as it was read');
});
