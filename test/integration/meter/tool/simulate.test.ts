import { once } from 'node:events';
import { createInterface } from 'node:readline';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { SimulatedAnalyser } from '@farola/agent/meter/tool/simulate/simulated-analyser.js';
import { partsOf } from '@farola/agent/meter/profile/profile.js';
import { farolaAgent, startFarolaAgent } from '../../../fakes/agent-process.js';
import { readNamed, realMeter, writeConfig } from '../../../fakes/modbus-bench.js';
import { EVENING_MS, ptyMeters, SHIPPED_IDS, shippedProfile } from '../../../fakes/pty-meter.js';
import { testUnless } from '../../../fakes/test-unless.js';
import { existsSync } from 'node:fs';

const ptyTest = testUnless(existsSync('/dev/ptmx') ? undefined : 'needs pseudo-terminals');
const CIRCUIT = { lampWatts: [1_840, 1_750, 1_910], standbyWatts: 18 } as const;

const config = (path: string, profile: string, timeoutMs = 1_000) =>
  `lines: [{ id: main, transport: rtu, path: ${path}, timeoutMs: ${timeoutMs} }]\nanalysers: [{ id: one, line: main, unit: 1, profile: ${profile} }]\n`;

for (const id of SHIPPED_IDS) {
  ptyTest(`a simulated ${id} is read on a pseudo-terminal, and shows what it measures`, async (t) => {
    const meter = await realMeter(t, config(ptyMeters(t, { profile: id }), id));
    const { status, named } = await readNamed(meter, 0);
    t.is(status, 'complete');
    const shown: Readonly<Record<string, number>> = new SimulatedAnalyser(CIRCUIT, 1, EVENING_MS).valuesAt(EVENING_MS);
    t.true((shown['currentL2'] ?? 0) > 5, 'lamps are lit');
    for (const row of shippedProfile(id).rows) {
      const step = Math.min(...partsOf(row).map(({ scale, type }) => (type.startsWith('float') ? 0 : scale)));
      const expected = shown[row.quantity] ?? 0;
      const read = named[row.quantity];
      if (row.zeroIsMissing && expected === 0) t.is(read, null, row.quantity);
      else
        t.true(
          Math.abs(Number(read) - expected) <= step / 2 + 0.05 + Math.abs(expected) * 1e-6,
          `${row.quantity}: ${read} ${expected}`,
        );
    }
    t.is(meter.devices[0]?.state.mismatch ?? null, null);
  });
}

ptyTest('a meter that falls silent is timed out, and one that answers late is not taken for another', async (t) => {
  const silent = await realMeter(t, config(ptyMeters(t, { faults: { silentAfter: 2 } }), 'eastron-sdm630', 100));
  t.is((await readNamed(silent, 0)).status, 'partial');
  const late = await realMeter(t, config(ptyMeters(t, { faults: { lateMs: 250, every: 3 } }), 'eastron-sdm630', 100));
  for (let pass = 0; pass < 3; pass++) {
    const { named } = await readNamed(late, 0);
    const volts = named['voltageL1'] ?? null;
    t.true(volts === null || Math.abs(Number(volts) - 230) < 5, String(volts));
  }
  t.true((late.lines[0]?.counters.lateAnswers ?? 0) > 0);
});

ptyTest('an exception of every second answer costs the blocks that it hits', async (t) => {
  const meter = await realMeter(t, config(ptyMeters(t, { faults: { exception: 6, every: 2 } }), 'eastron-sdm630'));
  const { status, failure } = await readNamed(meter, 0);
  t.is(status, 'partial');
  t.is(failure?.facts['exception'], 6);
});

/** Starts `meter simulate` and gives the first line that it prints. */
async function simulated(t: ExecutionContext, ...args: string[]) {
  const running = startFarolaAgent(t, ['meter', 'simulate', ...args]);
  const [first] = (await once(createInterface(running.child.stdout!), 'line')) as [string];
  return { ...running, first };
}

ptyTest('the command prints its path, is read there, and ends well by a signal', async (t) => {
  const { child, ended, first } = await simulated(t, 'circutor-cvm-c10', '--json', '--fact', 'ctPrimary=250');
  const told = JSON.parse(first) as { address: string };
  t.like(told, { profileId: 'circutor-cvm-c10', modbusUnit: 1, transport: 'rtu' });
  const path = await writeConfig(t, config(told.address, 'circutor-cvm-c10'));
  const read = await farolaAgent(['meter', 'read', '--config', path]);
  t.is(read.code, 0, read.err);
  t.regex(read.out, /voltageL1 +2\d\d\./);
  child.kill('SIGINT');
  t.is((await ended).code, 0);
});

test('the command listens on TCP, by either framing', async (t) => {
  for (const transport of ['rtu-over-tcp', 'modbus-tcp']) {
    const { first } = await simulated(t, 'siemens-pac3200', '--tcp-port', '0', '--transport', transport, '--json');
    const { address } = JSON.parse(first) as { address: string };
    const [host, port] = address.split(':');
    const yaml = `lines: [{ id: main, transport: ${transport}, host: ${host}, port: ${port} }]\nanalysers: [{ id: one, line: main, unit: 1, profile: siemens-pac3200 }]\n`;
    const { status, named } = await readNamed(await realMeter(t, yaml), 0);
    t.is(status, 'complete', transport);
    t.regex(named['voltageL1'] ?? '', /^2\d\d\./);
  }
});

const WRONG: [string, string[]][] = [
  ['a profile that is not there', ['acme-m3']],
  ['a unit that is none', ['eastron-sdm630', '--unit', '300']],
  ['a fact that it has no register for', ['eastron-sdm630', '--fact', 'ctPrimary=5']],
  ['a fact that is no number', ['abb-b23-b24', '--fact', 'serialNumber=abc']],
  ['a fact without a value', ['abb-b23-b24', '--fact', 'serialNumber=']],
  ['a fact that does not fit its register', ['circutor-cvm-c10', '--fact', 'ctPrimary=99999999']],
  ['a fact below the numbers of its register', ['circutor-cvm-c10', '--fact', 'ctPrimary=-1']],
  ['a text that is longer than its registers', ['abb-b23-b24', '--fact', 'firmware=a version that is much too long']],
  ['a time that is none', ['eastron-sdm630', '--at', '25:00']],
  ['a transport that is none', ['eastron-sdm630', '--transport', 'udp']],
];

for (const [what, args] of WRONG) {
  test(`the command refuses ${what}`, async (t) => {
    const { code, err } = await farolaAgent(['meter', 'simulate', ...args]);
    t.true(code === 64 || code === 66, err);
    t.regex(err, /^error: .+\nhint: .+\n$/);
  });
}
