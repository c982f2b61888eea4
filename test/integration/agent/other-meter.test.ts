import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeEntry, formatToken, pause, SAMPLE_FLAGS, systemTimers, WANT } from '@farola/shared';
import type { KnownEntry } from '@farola/shared';
import { checkJson } from '#scripts/docs/json/check-json.js';
import test, { type ExecutionContext } from 'ava';
import { farolaAgent, startFarolaAgent } from '../../fakes/agent-process.js';
import { acceptEnrolment, fakeCollector, greet, pollOnce } from '../../fakes/fake-collector.js';
import { startReplaceablePanel } from '../../fakes/replaceable-panel.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

/** Its counters show more than those of the device that takes its place. */
const B23 = { profile: 'abb-b23-b24', facts: { model: 'B23 ', serialNumber: 4_711, firmware: '1.0.0' }, shows: 100_000 };
const B21 = { profile: 'abb-b23-b24', facts: { model: 'B21 ', serialNumber: 4_711 } };
const C10 = { profile: 'circutor-cvm-c10', facts: { vtPrimary: 1, vtSecondary: 1, ctPrimary: 150, ctSecondary: 5 } };

const TOLD: ReadonlySet<unknown> = new Set(['meter-identified', 'meter-mismatch', 'meter-exchanged', 'setting-changed']);
/** What the quantities of a device that all show the same do not agree with. */
const TOLD_BESIDE: ReadonlySet<number> = new Set([
  SAMPLE_FLAGS['sum-of-phases'],
  SAMPLE_FLAGS['apparent-power'],
  SAMPLE_FLAGS['power-factor'],
  SAMPLE_FLAGS['voltage-band'],
  SAMPLE_FLAGS['frequency-band'],
]);

interface Told {
  readonly run: {
    readonly meter: { readonly analysers: readonly { status: string; device: object | null; mismatch: string | null }[] };
  } | null;
}

/** Asks `status --json` until what runs is so; gives the analysers. */
async function untilTold(config: string, index: number, status: string) {
  for (let tries = 0; tries < 200; tries++) {
    const { out } = await farolaAgent(['status', '--json', '--config', config]);
    checkJson('farola-agent', ['status'], out);
    const analysers = (JSON.parse(out) as Told).run?.meter.analysers ?? [];
    if (analysers[index]?.status === status) return analysers;
    await pause(systemTimers, 100);
  }
  throw new Error('it never came to that');
}

function configFor(t: ExecutionContext, port: number): { folder: string; path: string } {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'run'));
  const path = join(folder, 'agent.yaml');
  const line = `{ id: one, transport: rtu-over-tcp, host: 127.0.0.1, port: ${port}, timeoutMs: 500, worstLatenessMs: 500 }`;
  const energies = `scanGroups: [{ seconds: 5, quantities: ['activeEnergy*'] }]`;
  const mains = `{ id: mains, line: one, unit: 1, profile: abb-b23-b24, ${energies} }`;
  const park = '{ id: park, line: one, unit: 2, profile: circutor-cvm-c10, ctRatio: { primary: 100, secondary: 5 } }';
  const folders = `stateDir: ${join(folder, 'state')}\nrunDir: ${join(folder, 'run')}\nprofilesDir: ${join(folder, 'own')}\n`;
  writeFileSync(path, `lines: [${line}]\nanalysers: [${mains}, ${park}]\nsampleSeconds: 1\n${folders}`);
  return { folder, path };
}

test('who a meter is, that it is another one and how it is set stands in status, journal and samples, also after a restart', async (t) => {
  t.timeout(180_000);
  const panel = await startReplaceablePanel(t);
  panel.place(1, B23);
  panel.place(2, C10);
  const { folder, path: config } = configFor(t, panel.port);
  const collector = await fakeCollector(t);
  const enrolling = farolaAgent(['enroll', '-', '--config', config], formatToken(collector.token('malaga-0042')));
  const { publicKey } = await acceptEnrolment(collector, await collector.connection('/v1/enrol'));
  t.is((await enrolling).code, 0);

  const first = startFarolaAgent(t, ['run', '--config', config]);
  const [mains] = await untilTold(config, 0, 'complete');
  t.deepEqual(mains?.device, { model: 'B23', serialNumber: '4711', firmware: '1.0.0' });
  panel.place(1, B21);
  panel.cut();
  const [refused] = await untilTold(config, 0, 'other-meter');
  t.is(refused?.device, null);
  t.regex(refused?.mismatch ?? '', /mains.*ABB B23.*B21, which has a single phase/);
  const { out: table } = await farolaAgent(['status', '--config', config]);
  t.regex(table, /^analyser mains: +other-meter \(meter-mismatch\), .*B21, which has a single phase/m);
  first.child.kill('SIGTERM');
  const { out: log } = await first.ended;
  t.is(log.split('\n').filter((line) => line.includes('"meter-mismatch"')).length, 1, log);
  const stored = JSON.parse(readFileSync(join(folder, 'state', 'meters.json'), 'utf8')) as Record<string, object>;
  t.like(stored['mains'], { serialNumber: '4711' });
  t.like(stored['park'], { settings: { vtPrimary: '1', vtSecondary: '1', ctPrimary: '150', ctSecondary: '5' } });

  panel.place(1, { ...B23, facts: { ...B23.facts, serialNumber: 815 }, shows: 20 });
  const second = startFarolaAgent(t, ['run', '--config', config]);
  // The first agent dialled this collector, too, and is gone.
  await collector.connection('/v1/lcu');
  const connection = await collector.connection('/v1/lcu');
  const hello = await greet(collector, connection);
  const devices = (await untilTold(config, 1, 'complete')).map(({ device }) => device);
  t.like(devices, [{ serialNumber: '815' }, null]);
  const { entries } = await pollOnce(collector, connection, hello, publicKey, { pollId: 1, want: [WANT.newest, hello.epoch, 0] });
  second.child.kill('SIGTERM');
  await second.ended;
  const read = entries.map((bytes) => decodeEntry(bytes) as KnownEntry);
  const events = read.flatMap((entry) => (entry.kind === 'event' ? [[entry.code, ...entry.facts]] : []));
  t.deepEqual(
    events.filter(([code]) => TOLD.has(code)),
    [
      ['meter-exchanged', 'mains', '4711', '815'],
      ['meter-identified', 'mains', 1, 'abb-b23-b24', 'B23', '815', '1.0.0'],
      ['setting-changed', 'park', 'ctRatio', '100/5', '150/5'],
    ],
  );
  const flagsOf = (analyser: number) =>
    read.flatMap((entry) =>
      entry.kind === 'sample' && entry.analyser === analyser && entry.values.length > 0
        ? [(entry.marks?.flags ?? []).map(({ code }) => code).filter((code) => !TOLD_BESIDE.has(code))]
        : [],
    );
  for (const group of [0, 1]) {
    const [first, ...later] = flagsOf(group);
    t.deepEqual(first, [SAMPLE_FLAGS['meter-exchanged']]);
    t.true(later.every((codes) => codes.length === 0));
  }
  t.true(flagsOf(2).length > 0 && flagsOf(2).every(([code]) => code === SAMPLE_FLAGS['setting-changed']));
});
