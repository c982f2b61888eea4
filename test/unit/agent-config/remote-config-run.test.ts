import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { AnalyserHealth } from '@farola/agent/config/analyser-health.js';
import { loadConfigToRun } from '@farola/agent/config/fs-config-to-run.js';
import { fsPushedStore } from '@farola/agent/config/fs-pushed-store.js';
import { ownConfigReader } from '@farola/agent/config/own-config-reader.js';
import { PushedConfig } from '@farola/agent/config/pushed-config.js';
import { RemoteCommands } from '@farola/agent/config/remote-commands.js';
import { type Command, trialSecondsOf } from '@farola/shared';
import { RecordedLog } from '../../fakes/link-bench.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const PUSHED = { sequence: 4, text: 'sampleSeconds: 30', by: 'ana', reason: 'x', atMs: 1 };

/** An LCU with a file of its own, and a configuration of the collector on trial. */
async function onTrial(t: ExecutionContext, accept: boolean) {
  const folder = temporaryFolder(t);
  const stateDir = join(folder, 'state');
  mkdirSync(stateDir);
  const path = join(folder, 'agent.yaml');
  const meter =
    'lines: [{ id: main, transport: rtu, path: /dev/ttyUSB0 }]\nanalysers: [{ id: mains, line: main, unit: 1, profile: eastron-sdm630 }]\n';
  writeFileSync(path, `${meter}stateDir: ${stateDir}\nremote: { accept: ${String(accept)} }\n`);
  const store = fsPushedStore(stateDir);
  const pushed = new PushedConfig(store, await store.load());
  await pushed.tryOut(PUSHED, []);
  return { path, pushed, stored: () => store.load() };
}

test('a file that takes no configuration of the collector rolls back what is on trial, and that is told', async (t) => {
  const { path, stored } = await onTrial(t, false);
  const { config, pushed } = await loadConfigToRun(ownConfigReader, path, () => new RecordedLog());
  t.is(config.sampleSeconds, 60, 'the file alone counts');
  t.deepEqual([pushed.text, (await stored()).trial], [undefined, null]);
  t.like((await stored()).untold, [{ event: 'config-rolled-back', sequence: 4 }]);
});

test('a file that takes them goes on with what is on trial', async (t) => {
  const { path, stored } = await onTrial(t, true);
  const { config } = await loadConfigToRun(ownConfigReader, path, () => new RecordedLog());
  t.is(config.sampleSeconds, 30);
  t.like((await stored()).trial, { sequence: 4, starts: 1 });
});

test('a configuration is carried out when number and text are those on trial or kept', async (t) => {
  const { pushed } = await onTrial(t, true);
  const none = (): never => t.fail('nothing is done');
  const deps = {
    pushed,
    accept: true,
    trialSeconds: 300,
    health: new AnalyserHealth([]),
    check: none,
    note: none,
    nowMs: none,
    restart: none,
  };
  const commands = new RemoteCommands({ ...deps, log: new RecordedLog() });
  const asked = (sequence: number, text: string) =>
    commands.isCarriedOut({ sequence, argument: new TextEncoder().encode(text) } as Command);
  for (const step of ['on trial', 'kept']) {
    if (step === 'kept') await pushed.keep();
    t.deepEqual([asked(4, PUSHED.text), asked(4, 'sampleSeconds: 31'), asked(5, PUSHED.text)], [true, false, false], step);
  }
});

/** Takes a configuration of the collector, and gives what the LCU answers and what it records. */
async function taken(t: ExecutionContext, text: string) {
  const { path, pushed } = await onTrial(t, true);
  await pushed.keep();
  await pushed.tell(() => undefined);
  const told: string[] = [];
  const commands = new RemoteCommands({
    pushed,
    accept: true,
    trialSeconds: 240,
    health: new AnalyserHealth([]),
    check: (text) => ownConfigReader.check(path, text),
    nowMs: () => 0,
    note: (code, [, , what]) => void told.push(typeof what === 'string' ? `${code} ${what}` : code),
    restart: () => undefined,
    log: new RecordedLog(),
  });
  const argument = new TextEncoder().encode(text);
  const answer = await commands.configure({ sequence: 9, argument, by: 'ana', reason: 'x' } as Command);
  return { answer, told };
}

test('a configuration that is taken is answered with how long it is tried', async (t) => {
  const { answer } = await taken(t, 'sampleSeconds: 30');
  t.is(answer.outcome, 'ok');
  t.is(trialSecondsOf(answer.detail), 240);
});

test('the event of a refusal says which field was wrong and why, in one bounded line that shows', async (t) => {
  const { told } = await taken(t, 'sampleSeconds: 7\nstateDir: /tmp\n');
  t.is(told.length, 1);
  t.regex(told[0] ?? '', /^config-refused config-invalid: .*sampleSeconds \(line 1\): .*; stateDir \(line 2\): /);
  const long = await taken(t, Array.from({ length: 60 }, (_, i) => `"field\u200b\u{1f4a1}${i}": 1`).join('\n'));
  const [event = ''] = long.told;
  t.is(Array.from(event.replace(/^config-refused /, '')).length, 400);
  t.true(event.endsWith(' ...'));
  t.is(Buffer.from(event).toString(), event);
  t.notRegex(event, /[\u200b\n]/);
});
