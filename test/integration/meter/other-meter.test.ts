import { join } from 'node:path';
import { type FarolaError, pause, systemTimers } from '@farola/shared';
import { readMeter } from '@farola/agent/cli/meter-read.js';
import type { Meter } from '@farola/agent/meter/meter.js';
import type { Reading } from '@farola/agent/meter/reading.js';
import test from 'ava';
import { readNamed, realMeter, temporaryFolder, writeConfig } from '../../fakes/modbus-bench.js';
import { startPty } from '../../fakes/modbus-foreign-slave.js';
import { startReplaceablePanel } from '../../fakes/replaceable-panel.js';

const EM340 = { profile: 'carlo-gavazzi-em300', facts: { model: 341, serialNumber: 'KY0530018003A' } };
const B23 = { profile: 'abb-b23-b24', facts: { model: 'B23 ', serialNumber: 4_711, firmware: '1.0.0' } };
const B21 = { profile: 'abb-b23-b24', facts: { model: 'B21 ', serialNumber: 4_711 } };

const analysers = (serialNumber = '') => `analysers:
  - { id: mains, line: main, unit: 1, profile: abb-b23-b24${serialNumber} }
  - { id: park, line: main, unit: 2, profile: carlo-gavazzi-em300 }
`;
const line = (transport: string, port: number) =>
  `lines: [{ id: main, transport: ${transport}, host: 127.0.0.1, port: ${port}, timeoutMs: 500, gapMs: 0, worstLatenessMs: 500 }]\n`;

/** Reads until it is so. */
async function until(meter: Meter, index: number, status: string): Promise<Reading> {
  for (let tries = 0; tries < 200; tries++) {
    const reading = await readNamed(meter, index);
    if (reading.status === status) return reading;
    await pause(systemTimers, 50);
  }
  throw new Error(`it never came to ${status}`);
}

for (const [transport, framing] of [
  ['rtu-over-tcp', 'rtu'],
  ['modbus-tcp', 'tcp'],
] as const) {
  test(`devices are known before they are read, and again on a new connection, over ${transport}`, async (t) => {
    const panel = await startReplaceablePanel(t, framing);
    panel.place(1, B23);
    panel.place(2, EM340);
    const meter = await realMeter(t, line(transport, panel.port) + analysers());
    t.is((await readNamed(meter, 0)).status, 'complete');
    t.is((await readNamed(meter, 1)).status, 'complete');
    t.like(meter.devices[0]?.state, { facts: { model: 'B23', serialNumber: '4711', firmware: '1.0.0' }, mismatch: null });
    t.like(meter.devices[1]?.state.facts, { model: 'EM340', serialNumber: 'KY0530018003A' });

    panel.place(1, EM340);
    panel.place(2, B23);
    panel.cut();
    const [mains, park] = [await until(meter, 0, 'other-meter'), await until(meter, 1, 'other-meter')];
    t.deepEqual(mains.values, []);
    t.like(mains.failure?.facts, {
      analyser: 'mains',
      line: 'main',
      looksLike: 'Carlo Gavazzi EM340 (profile carlo-gavazzi-em300)',
    });
    t.like(park.failure?.facts, { analyser: 'park', looksLike: 'ABB B23 (profile abb-b23-b24)' });
    t.regex(meter.devices[0]?.state.mismatch ?? '', /mains.*EM340/);

    panel.place(1, B23);
    t.is((await readNamed(meter, 0)).status, 'complete', 'within one reading');
    t.is((await readNamed(meter, 1)).status, 'other-meter');
  });
}

test('a device that was exchanged while its serial port was unplugged is refused', async (t) => {
  const path = join(await temporaryFolder(t), 'tty');
  const panel = await startReplaceablePanel(t);
  panel.place(1, B23);
  const pty = await startPty(t, path, `tcp:127.0.0.1:${panel.port}`);
  const config = `lines: [{ id: main, transport: rtu, path: ${path}, baud: 19200, timeoutMs: 500, worstLatenessMs: 500 }]\n${analysers()}`;
  const meter = await realMeter(t, config);
  t.is((await readNamed(meter, 0)).status, 'complete');
  await pty.kill();
  t.is((await readNamed(meter, 0)).status, 'line-unavailable');
  panel.place(1, B21);
  await startPty(t, path, `tcp:127.0.0.1:${panel.port}`);
  const reading = await until(meter, 0, 'other-meter');
  t.regex(String(reading.failure?.facts['says']), /B21, which has a single phase/);
});

test('a device that was exchanged while it was silent is refused', async (t) => {
  const panel = await startReplaceablePanel(t);
  panel.place(2, EM340);
  const meter = await realMeter(t, line('rtu-over-tcp', panel.port) + analysers());
  t.is((await readNamed(meter, 1)).status, 'complete');
  panel.place(2, undefined);
  t.is((await readNamed(meter, 1)).status, 'timeout');
  panel.place(2, { ...EM340, facts: { model: 330 } });
  const reading = await until(meter, 1, 'other-meter');
  t.regex(String(reading.failure?.facts['says']), /engineering sample/);
});

test('a serial number that is not the configured one is refused, and so says `meter read`', async (t) => {
  const panel = await startReplaceablePanel(t);
  panel.place(1, B23);
  panel.place(2, EM340);
  const yaml = line('rtu-over-tcp', panel.port) + analysers(", serialNumber: '4712'");
  const lines: string[] = [];
  const config = await writeConfig(t, yaml);
  const error = await t.throwsAsync<FarolaError>(readMeter({ config }, (text) => lines.push(text)));
  t.is(error.code, 'meter-mismatch');
  t.like(error.facts, { expected: 'serial number 4712', says: 'serial number 4711' });
  t.regex(lines[0] ?? '', /^mains .*: other-meter/);
  t.true(lines.some((text) => text.startsWith('park') && text.includes('complete')));
});
