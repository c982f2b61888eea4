import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LineConfig } from '@farola/agent/config/config-schema.js';
import { flaggedLine } from '@farola/agent/cli/meter-line.js';
import { lineAdapters } from '@farola/agent/meter/line/line-adapters.js';
import { readProfiles, SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import { configLines } from '@farola/agent/meter/tool/scan/config-lines.js';
import { stablePath } from '@farola/agent/meter/tool/scan/linux-stable-path.js';
import { scanLine } from '@farola/agent/meter/tool/scan/scan-line.js';
import type { FoundUnit, ScanProgress } from '@farola/agent/meter/tool/scan/scan-line.js';
import { SimulatedMeter } from '@farola/agent/meter/tool/simulate/simulated-meter.js';
import { pause, systemTimers } from '@farola/shared';
import test from 'ava';
import { temporaryFolder } from '../../../fakes/modbus-bench.js';
import { exceptionAnswer } from '../../../fakes/modbus-frames.js';
import { ScriptedTransport } from '../../../fakes/modbus-transport.js';
import { EVENING_MS, shippedProfile } from '../../../fakes/pty-meter.js';

const { profiles } = await readProfiles([SHIPPED_PROFILES]);
const shipped = [...profiles.values()].map(({ profile }) => profile);
const adapters = await lineAdapters();

/** What each unit answers, by the baud rate at which it hears. */
type Bus = Readonly<
  Record<number, { baud: number; parity?: string; lateMs?: number; answer: (request: Uint8Array) => Uint8Array | undefined }>
>;

function meter(profile: string, unit: number, baud: number, lateMs = 0): Bus[number] {
  const simulated = new SimulatedMeter({ profile: shippedProfile(profile), unit, seed: 1, wallMs: () => EVENING_MS });
  return { baud, lateMs, answer: (request) => simulated.answer(request) };
}

const setting = (baud: number, parity = 'none') =>
  flaggedLine({ port: '/dev/ttyX', baud: String(baud), parity, timeoutMs: '50' });

interface Scanned {
  readonly answered: number[];
  readonly found: FoundUnit[];
  readonly progress: ScanProgress[];
  readonly noise: number[];
  readonly asked: number[];
}

async function scanned(bus: Bus, settings: LineConfig[], units: number[], tries = 1): Promise<Scanned> {
  const out: Scanned = { answered: [], found: [], progress: [], noise: [], asked: [] };
  const transportOf = (line: LineConfig) => {
    const transport = new ScriptedTransport();
    transport.onWrite = (frame) => {
      const unit = frame[0] ?? 0;
      out.asked.push(unit);
      const there = bus[unit];
      if (line.transport !== 'rtu' || there?.baud !== line.baud || (there.parity ?? 'none') !== line.parity) return;
      const answer = there.answer(frame);
      if (answer) void pause(systemTimers, there.lateMs ?? 0).then(() => transport.receive(answer));
    };
    return transport;
  };
  await scanLine(
    {
      settings,
      units,
      tries,
      profiles: shipped,
      deps: { ...adapters, transportOf, timers: systemTimers },
      onProgress: (at) => out.progress.push(at),
      onAnswered: ({ unit }) => out.answered.push(unit),
      onFound: (one) => out.found.push(one),
      onNoise: (line) => out.noise.push(line.transport === 'rtu' ? line.baud : 0),
    },
    new AbortController().signal,
  );
  return out;
}

test('each unit is found at its own setting, recognised, and not asked in another one', async (t) => {
  const bus = { 3: meter('carlo-gavazzi-em300', 3, 9_600), 5: meter('abb-b23-b24', 5, 19_200) };
  const { answered, found, asked, progress } = await scanned(bus, [setting(9_600), setting(19_200)], [2, 3, 5]);
  t.deepEqual(answered, [3, 5]);
  t.deepEqual(
    found.map(({ unit, line, recognised }) => [unit, line.transport === 'rtu' && line.baud, recognised.looksLike[0]?.profileId]),
    [
      [3, 9_600, 'carlo-gavazzi-em300'],
      [5, 19_200, 'abb-b23-b24'],
    ],
  );
  t.is(asked.lastIndexOf(3) < asked.lastIndexOf(2), true);
  t.deepEqual(
    progress.map(({ done, total }) => [done, total]),
    [
      [0, 6],
      [1, 6],
      [2, 6],
      [3, 5],
      [4, 5],
    ],
  );
  t.is(progress[0]?.leftMs, null);
  t.true((progress[1]?.leftMs ?? 0) > 0);
});

test('a unit at even parity is found there, and told with it', async (t) => {
  const bus = { 3: { ...meter('carlo-gavazzi-em300', 3, 9_600), parity: 'even' } };
  const settings = [setting(9_600), setting(9_600, 'even'), setting(9_600, 'odd')];
  const { found, asked } = await scanned(bus, settings, [2, 3]);
  t.deepEqual(
    found.map(({ unit, line, recognised }) => [
      unit,
      line.transport === 'rtu' && line.parity,
      recognised.looksLike[0]?.profileId,
    ]),
    [[3, 'even', 'carlo-gavazzi-em300']],
  );
  t.is(asked.filter((unit) => unit === 2).length, 3);
  t.regex(configLines(found).join('\n'), /parity: even/);
});

test('a model without identity is told by its values, as perhaps', async (t) => {
  const { found } = await scanned({ 1: meter('eastron-sdm630', 1, 9_600) }, [setting(9_600)], [1]);
  t.deepEqual(found[0]?.recognised.looksLike, []);
  t.deepEqual(found[0]?.perhaps, ['eastron-sdm630']);
});

test('whoever answers by exceptions is there, and is nobody known', async (t) => {
  const answer = (request: Uint8Array) => exceptionAnswer(request[0] ?? 0, 1, request[1]);
  const { found } = await scanned({ 9: { baud: 9_600, answer } }, [setting(9_600)], [9]);
  t.like(found[0], { unit: 9, perhaps: [], recognised: { answered: true, looksLike: [] } });
  t.regex(configLines(found).join('\n'), /# unit 9: no profile is known to fit/);
});

for (const exception of [10, 11]) {
  test(`units for which a gateway answers exception ${exception} are not there`, async (t) => {
    const dead = (unit: number) => ({
      baud: 9_600,
      answer: (request: Uint8Array) => exceptionAnswer(unit, exception, request[1]),
    });
    const { found } = await scanned({ 1: dead(1), 2: dead(2), 3: meter('abb-b23-b24', 3, 9_600) }, [setting(9_600)], [1, 2, 3]);
    t.deepEqual(
      found.map(({ unit }) => unit),
      [3],
    );
  });
}

test('a unit whose answer comes too late is found all the same', async (t) => {
  const { found } = await scanned({ 4: meter('siemens-pac3200', 4, 9_600, 150) }, [setting(9_600)], [4, 5, 6, 7]);
  t.deepEqual(
    found.map(({ unit }) => unit),
    [4],
  );
});

test('a unit that lets the first question go by is found by a second try, by the other function', async (t) => {
  const functions: number[] = [];
  const sleepy = meter('eastron-sdm630', 6, 9_600);
  const answer = (request: Uint8Array) => {
    functions.push(request[1] ?? 0);
    return functions.length === 1 ? undefined : sleepy.answer(request);
  };
  const { found } = await scanned({ 6: { baud: 9_600, answer } }, [setting(9_600)], [6], 2);
  t.is(found.length, 1);
  t.deepEqual(functions.slice(0, 2), [3, 4]);
});

test('a question of the recognition that is left unanswered does not make a stranger of a meter', async (t) => {
  let asked = 0;
  const abb = meter('abb-b23-b24', 8, 9_600);
  const answer = (request: Uint8Array) => (++asked === 2 ? undefined : abb.answer(request));
  const { found } = await scanned({ 8: { baud: 9_600, answer } }, [setting(9_600)], [8]);
  t.is(found[0]?.recognised.looksLike[0]?.profileId, 'abb-b23-b24');
});

test('bytes that are no answer are told, and find nobody', async (t) => {
  const answer = () => Uint8Array.of(0xff, 0x00, 0xfe);
  const { found, noise } = await scanned({ 1: { baud: 9_600, answer } }, [setting(9_600)], [1]);
  t.deepEqual([found.length, noise], [0, [9_600]]);
});

test('the lines to be pasted name one setting, and put others and the unknown into comments', async (t) => {
  const bus = {
    1: meter('eastron-sdm630', 1, 9_600),
    2: meter('socomec-diris-a10', 2, 9_600),
    3: meter('abb-b23-b24', 3, 19_200),
  };
  const { found } = await scanned(bus, [setting(9_600), setting(19_200)], [1, 2, 3]);
  const lines = configLines(found, [], '/dev/serial/by-id/usb-x');
  t.is(lines[1], '  - { id: line-1, transport: rtu, path: /dev/serial/by-id/usb-x, baud: 9600, parity: none, stopBits: 1 }');
  t.is(lines[2], '  # set otherwise, and a line has one setting: unit 3 (19200 8N1)');
  t.regex(lines[4] ?? '', /^ {2}- \{ id: unit-1, .* profile: eastron-sdm630 \} # by its values alone/);
  t.regex(lines[5] ?? '', /^ {2}- \{ id: unit-2, .* profile: socomec-/);
  t.regex(lines[6] ?? '', /^ {2}# - \{ id: unit-3, /);
});

const E34 = 'socomec-countis-e34';

test('of models that say the same of themselves the values choose', async (t) => {
  const { found } = await scanned({ 1: meter(E34, 1, 9_600) }, [setting(9_600)], [1]);
  t.deepEqual(
    found[0]?.recognised.looksLike.map(({ profileId }) => profileId),
    [E34],
  );
  t.deepEqual(found[0]?.ruledOut, ['socomec-countis-e23']);
  t.regex(configLines(found).at(-1) ?? '', /^ {2}- \{ id: unit-1, .* profile: socomec-countis-e34 \}$/);
});

test('models that nothing tells apart are all told, and none is chosen', async (t) => {
  const dark = { ...shippedProfile(E34), rows: [] };
  const simulated = new SimulatedMeter({ profile: dark, unit: 1, seed: 1, wallMs: () => EVENING_MS });
  const { found } = await scanned({ 1: { baud: 9_600, answer: (request) => simulated.answer(request) } }, [setting(9_600)], [1]);
  t.deepEqual(
    found[0]?.recognised.looksLike.map(({ profileId }) => profileId),
    ['socomec-countis-e23', E34],
  );
  const lines = configLines(found);
  t.deepEqual(lines.slice(lines.indexOf('analysers:') + 1), [
    '  # unit 1 fits 2 profiles: look at its plate, and keep one',
    '  # - { id: unit-1, line: line-1, unit: 1, profile: socomec-countis-e23 }',
    '  # - { id: unit-1, line: line-1, unit: 1, profile: socomec-countis-e34 }',
  ]);
});

test('a serial port has a name that stays where udev gave it one', async (t) => {
  const folder = await temporaryFolder(t);
  const port = join(folder, 'ttyUSB0');
  await writeFile(port, '');
  await symlink(port, join(folder, 'usb-FTDI-if00'));
  t.is(await stablePath(port, join(folder, 'none')), undefined);
  const byId = join(await temporaryFolder(t));
  await symlink(port, join(byId, 'usb-FTDI-if00'));
  t.is(await stablePath(port, byId), join(byId, 'usb-FTDI-if00'));
});
