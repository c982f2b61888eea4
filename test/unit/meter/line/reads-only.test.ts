import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FarolaError } from '@farola/shared';
import { LineWire } from '@farola/agent/meter/line/line-wire.js';
import { zeroCounters } from '@farola/agent/meter/line/line-counters.js';
import { QuestionPort } from '@farola/agent/meter/line/modbus-serial-client.js';
import { withCrc } from '@farola/agent/meter/line/rtu-frame.js';
import test from 'ava';
import modbusSerial from 'modbus-serial';
import { FakeTime } from '../../../fakes/fake-time.js';
import { readRequest } from '../../../fakes/modbus-frames.js';
import { lineOf } from '../../../fakes/modbus-line.js';
import { ScriptedTransport } from '../../../fakes/modbus-transport.js';

const SOURCES = fileURLToPath(new URL('../../../../../agent/src/', import.meta.url));
const ModbusRTU = modbusSerial.default;
/** Function codes of the Modbus application protocol V1.1b3 that write. */
const WRITING = [5, 6, 15, 16, 21, 22, 23];

const refused = (error: unknown): boolean => error instanceof FarolaError && error.code === 'modbus-write-refused';

test('of all function codes only 3 and 4 pass onto a line', async (t) => {
  for (let functionCode = 0; functionCode < 256; functionCode++) {
    const { transport, line } = lineOf(new ScriptedTransport());
    const asked = line.exchange({ analyser: 'one', request: readRequest(1, 0, 2, functionCode) });
    if (functionCode === 3 || functionCode === 4) {
      void asked.catch(() => undefined);
      await line.close();
      continue;
    }
    t.true(refused(await asked.catch((error: unknown) => error)), `function ${functionCode}`);
    t.is(transport.openings, 0);
  }
});

for (const functionCode of WRITING) {
  test(`the wire itself writes nothing of function ${functionCode}, whoever asks it`, async (t) => {
    const transport = new ScriptedTransport();
    const time = new FakeTime();
    const timing = { byteMs: 0, gapMs: 0, unitGapMs: 0, timeoutMs: 100, worstLatenessMs: 0 };
    const nowMs = (): number => time.now().monoMs;
    const wire = new LineWire({
      line: 'main',
      transport,
      nowMs,
      timers: time,
      timing,
      counters: zeroCounters(),
      onLate: () => undefined,
    });
    await wire.ready(1);
    const request = withCrc(Uint8Array.of(1, functionCode, 0x08, 0x34, 0xff, 0x00));
    const error = await wire.ask({ request, typicalMs: 0, timeoutMs: 100 }).catch((caught: unknown) => caught);
    t.true(refused(error));
    t.deepEqual(transport.written, []);
  });
}

const CALLS: Readonly<Record<string, readonly unknown[]>> = {
  writeCoil: [0x0834, true],
  writeCoils: [0x0834, [true, false]],
  writeRegister: [0x2713, 150],
  writeRegisters: [0x2713, [150, 5]],
  maskWriteRegister: [0x2713, 0, 1],
  writeFC5: [1, 0x0834, true],
  writeFC6: [1, 0x2713, 150],
  writeFC15: [1, 0x0834, [true]],
  writeFC16: [1, 0x2713, [150]],
  writeFC22: [1, 0x2713, 0, 1],
  readWriteRegisters: [0, 2, 0x2713, 1, [150]],
};

for (const [name, args] of Object.entries(CALLS)) {
  test(`what ${name} of modbus-serial makes is refused, and nothing reaches the line`, async (t) => {
    const { transport, line } = lineOf(new ScriptedTransport());
    const error = await new Promise<unknown>((resolve) => {
      const port = new QuestionPort((request) => line.exchange({ analyser: 'one', request }), resolve, resolve);
      const client = new ModbusRTU(port);
      client.open(() => undefined);
      client.setID(1);
      const method: unknown = Reflect.get(client, name);
      if (typeof method !== 'function') throw new TypeError(`modbus-serial has no ${name}`);
      const ignore = (): void => undefined;
      const done: unknown = Reflect.apply(method, client, [...args, ...(name.startsWith('writeFC') ? [ignore] : [])]);
      if (done instanceof Promise) done.then(ignore, ignore);
    });
    t.true(refused(error), String(error));
    t.is(transport.openings, 0);
  });
}

/** Sources of the agent with their texts, comments left out. */
function sources(folder: string): { readonly path: string; readonly text: string }[] {
  return readdirSync(join(SOURCES, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({
      path: name,
      text: readFileSync(join(SOURCES, folder, name), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''),
    }));
}

test('no source of the meter names what writes', (t) => {
  const all = sources('meter');
  t.true(all.length > 50);
  const methods = Object.getOwnPropertyNames(ModbusRTU.prototype).filter((name) => /write|custom/i.test(name));
  t.true(methods.length >= 7, String(methods));
  for (const { path, text } of all) {
    for (const method of [...methods, ...Object.keys(CALLS)])
      t.false(new RegExp(`\\b${method}\\b`).test(text), `${method} in ${path}`);
  }
});

test('one source talks to modbus-serial, and one writes to a line', (t) => {
  const all = sources('.');
  const having = (pattern: RegExp): string[] => all.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
  t.deepEqual(having(/['"]modbus-serial['"]/), ['meter/line/modbus-serial-client.ts']);
  t.deepEqual(having(/\btransport\.write\(/), ['meter/line/line-wire.ts']);
  t.deepEqual(having(/\binner\.write\(/).toSorted(), [
    'meter/line/mbap-transport.ts',
    'meter/tool/transcript/recording-transport.ts',
  ]);
  // What is a meter itself sends answers, and is no part of what reads.
  t.deepEqual(having(/\bslaveEnd\.write\(/), ['meter/tool/simulate/polled-slave-port.ts']);
});
