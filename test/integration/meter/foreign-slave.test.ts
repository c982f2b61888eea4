import { join } from 'node:path';
import { pause, systemTimers } from '@farola/shared';
import test from 'ava';
import { readNamed, realMeter, temporaryFolder } from '../../fakes/modbus-bench.js';
import { startForeignSlave, startPty } from '../../fakes/modbus-foreign-slave.js';
import type { SlaveFact } from '../../fakes/modbus-foreign-slave.js';

// Registers as the manuals print them, and what they mean in decimals: written by hand, not taken from the profiles.
const CVM_C10: SlaveFact[] = [
  { addr: 0x00, type: 'u32', value: 2_301 },
  { addr: 0x02, type: 'u32', value: 8_335 },
  { addr: 0x04, type: 's32', value: -1_841 },
  { addr: 0x0c, type: 's32', value: -96 },
  { addr: 0x26, type: 's32', value: 559 },
  { addr: 0x28, type: 's32', value: 12 },
  { addr: 0x30, type: 's32', value: 5_511 },
  { addr: 0x3c, type: 'u32', value: 4_999 },
  { addr: 0x50, type: 'u32', value: 115 },
  { addr: 0xdc, type: 'u32', value: 123_456 },
  { addr: 0xde, type: 'u32', value: 789 },
  { addr: 0xf0, type: 'u32', value: 4_000_000 },
  { addr: 0xf2, type: 'u32', value: 1 },
  { addr: 0x2710, type: 'u32', value: 1 },
  { addr: 0x2712, type: 'u16', value: 1 },
  { addr: 0x2713, type: 'u16', value: 100 },
  { addr: 0x2714, type: 'u16', value: 5 },
];
const CVM_C10_MEANS = {
  voltageL1: '230.10',
  currentL1: '8.335',
  activePowerL1: '-1841.0',
  powerFactorL1: '-0.960',
  reactivePowerInductiveL3: '559.0',
  reactivePowerCapacitiveL3: '12.0',
  activePowerTotal: '5511.0',
  frequency: '49.990',
  thdCurrentL3: '11.50',
  activeEnergyImportTotal: '123456789',
  activeEnergyExportTotal: '4000000001',
};
const SDM630: SlaveFact[] = [
  { addr: 0x00, type: 'float32', value: 229.87 },
  { addr: 0x06, type: 'float32', value: 4.2134 },
  { addr: 0x0c, type: 'float32', value: 929.04 },
  { addr: 0x22, type: 'float32', value: 0.9614 },
  { addr: 0x46, type: 'float32', value: 50.012 },
  { addr: 0x48, type: 'float32', value: 12_345.678 },
  { addr: 0x4a, type: 'float32', value: 'nan' },
  { addr: 0xf4, type: 'float32', value: 11.5 },
  { addr: 0x164, type: 'float32', value: 0.001 },
];
const SDM630_MEANS = {
  voltageL1: '229.87',
  voltageL2: '0.00',
  currentL1: '4.213',
  activePowerL1: '929.0',
  powerFactorL3: '0.961',
  frequency: '50.012',
  activeEnergyImportTotal: '12345678',
  activeEnergyExportTotal: null,
  thdCurrentL3: '11.50',
  activeEnergyExportL3: '1',
};
const UNITS = { 1: CVM_C10, 2: SDM630 };

const analysers = `analysers:
  - { id: general, line: main, unit: 1, profile: circutor-cvm-c10 }
  - { id: park, line: main, unit: 2, profile: eastron-sdm630 }
`;
const overTcp = (port: number) =>
  `lines: [{ id: main, transport: rtu-over-tcp, host: 127.0.0.1, port: ${port}, timeoutMs: 5000 }]\n${analysers}`;
const overSerial = (path: string) =>
  `lines: [{ id: main, transport: rtu, path: ${path}, baud: 19200, parity: even, timeoutMs: 5000 }]\n${analysers}`;

test('reads both models from a foreign slave on a serial port', async (t) => {
  const path = join(await temporaryFolder(t), 'tty');
  await startPty(t, path, `tcp:127.0.0.1:${(await startForeignSlave(t, UNITS)).port}`);
  const meter = await realMeter(t, overSerial(path));
  const [general, park] = [await readNamed(meter, 0), await readNamed(meter, 1)];
  t.is(general.status, 'complete');
  t.like(general.named, CVM_C10_MEANS);
  t.is(park.status, 'complete');
  t.like(park.named, SDM630_MEANS);
  t.like(meter.lines[0]?.counters, { opened: 1, timeouts: 0, malformed: 0, exceptions: 0 });
});

test('reads both models from a foreign slave by RTU over TCP', async (t) => {
  const meter = await realMeter(t, overTcp((await startForeignSlave(t, UNITS)).port));
  const [general, park] = await Promise.all([readNamed(meter, 0), readNamed(meter, 1)]);
  t.like(general.named, CVM_C10_MEANS);
  t.like(park.named, SDM630_MEANS);
});

test('reads both models from a foreign slave by Modbus TCP, with one connection', async (t) => {
  const { port } = await startForeignSlave(t, UNITS, 0, 'tcp');
  const line = `lines: [{ id: main, transport: modbus-tcp, host: 127.0.0.1, port: ${port}, timeoutMs: 5000 }]\n`;
  const meter = await realMeter(t, line + analysers);
  const [general, park] = await Promise.all([readNamed(meter, 0), readNamed(meter, 1)]);
  t.like(general.named, CVM_C10_MEANS);
  t.like(park.named, SDM630_MEANS);
  t.like(meter.lines[0]?.counters, { opened: 1, timeouts: 0, malformed: 0, lateAnswers: 0, strayBytes: 0 });
});

test('reads again when a slave of Modbus TCP died and came back', async (t) => {
  const slave = await startForeignSlave(t, UNITS, 0, 'tcp');
  const line = `lines: [{ id: main, transport: modbus-tcp, host: 127.0.0.1, port: ${slave.port}, timeoutMs: 500 }]\n`;
  const meter = await realMeter(t, line + analysers);
  t.is((await readNamed(meter, 0)).status, 'complete');
  await slave.kill();
  t.is((await readNamed(meter, 0)).status, 'line-unavailable');
  await startForeignSlave(t, UNITS, slave.port, 'tcp');
  t.like((await untilComplete(() => readNamed(meter, 0))).named, CVM_C10_MEANS);
});

test('reads again when a slave behind a gateway died and came back', async (t) => {
  const slave = await startForeignSlave(t, UNITS);
  const meter = await realMeter(t, overTcp(slave.port));
  t.is((await readNamed(meter, 0)).status, 'complete');
  await slave.kill();
  const dead = await readNamed(meter, 0);
  t.is(dead.status, 'line-unavailable');
  t.true(Object.values(dead.named).every((value) => value === null));
  await startForeignSlave(t, UNITS, slave.port);
  t.like((await untilComplete(() => readNamed(meter, 0))).named, CVM_C10_MEANS);
});

test('reads again when a serial port vanished and came back', async (t) => {
  const path = join(await temporaryFolder(t), 'tty');
  const { port } = await startForeignSlave(t, UNITS);
  const pty = await startPty(t, path, `tcp:127.0.0.1:${port}`);
  const meter = await realMeter(t, overSerial(path));
  t.is((await readNamed(meter, 1)).status, 'complete');
  await pty.kill();
  t.is((await readNamed(meter, 1)).status, 'line-unavailable');
  await startPty(t, path, `tcp:127.0.0.1:${port}`);
  t.like((await untilComplete(() => readNamed(meter, 1))).named, SDM630_MEANS);
});

async function untilComplete<T extends { status: string }>(read: () => Promise<T>): Promise<T> {
  for (;;) {
    const reading = await read();
    if (reading.status === 'complete') return reading;
    await pause(systemTimers, 50);
  }
}
