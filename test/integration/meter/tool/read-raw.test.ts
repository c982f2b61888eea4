import { readRaw } from '@farola/agent/cli/meter-read-raw.js';
import { readMeter } from '@farola/agent/cli/meter-read.js';
import { scanMeters } from '@farola/agent/cli/meter-scan.js';
import type { FarolaError } from '@farola/shared';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { farolaAgent } from '../../../fakes/agent-process.js';
import { temporaryFolder, writeConfig } from '../../../fakes/modbus-bench.js';
import { ptyMeters } from '../../../fakes/pty-meter.js';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const never = new AbortController().signal;

test('a register that nothing is known of is read on a line that flags describe', async (t) => {
  const port = ptyMeters(t, { profile: 'eastron-sdm630' });
  const lines: string[] = [];
  const asked = { port, unit: '1', register: '0x0000', count: '4', function: '4' };
  await readRaw(asked, (line) => lines.push(line), never);
  t.regex(lines.join('\n'), /^0x0000 \+1 +float32 +2\d\d\.\d+ .*ABCD: voltage$/m);
  t.regex(lines.join('\n'), /^0x0002 \+1 +float32 +2\d\d\.\d+ .*ABCD: voltage$/m);
  const json: string[] = [];
  await readRaw({ ...asked, json: true }, (line) => json.push(line), never);
  const told = JSON.parse(json[0] ?? '') as {
    registers: object[];
    decodings: { type: string; order: string; looksLike: object[] }[];
  };
  t.is(told.registers.length, 4);
  const [float] = told.decodings.filter(({ type, order }) => type === 'float32' && order === 'ABCD');
  t.deepEqual(float?.looksLike, [{ kind: 'voltage', scale: 1 }]);
});

test('registers that are all refused are told, and fail', async (t) => {
  const port = ptyMeters(t, { profile: 'eastron-sdm630' });
  const lines: string[] = [];
  const error = await t.throwsAsync<FarolaError>(
    readRaw({ port, unit: '1', register: '0x4000', count: '2', function: '4' }, (line) => lines.push(line), never),
  );
  t.is(error.code, 'meter-exception');
  t.true(
    lines.some((line) => line.includes('0x4001 is refused: exception')),
    lines.join('\n'),
  );
});

test('an analyser is read by profile, unit and port, without any configuration', async (t) => {
  const port = ptyMeters(t, { profile: 'abb-b23-b24', unit: 7 });
  const { code, out, err } = await farolaAgent([
    'meter',
    'read',
    '--port',
    port,
    '--unit',
    '7',
    '--profile',
    'abb-b23-b24',
    '--json',
  ]);
  t.is(code, 0, err);
  t.like(JSON.parse(out), { analyserId: 'meter', modbusUnit: 7, profileId: 'abb-b23-b24', status: 'complete' });
});

test('analysers of one line are chosen by it', async (t) => {
  const yaml = `lines: [{ id: a, transport: rtu, path: ${ptyMeters(t, {})} }, { id: b, transport: rtu, path: ${ptyMeters(t, {})} }]
analysers: [{ id: one, line: a, unit: 1, profile: eastron-sdm630 }, { id: two, line: b, unit: 1, profile: eastron-sdm630 }]`;
  const lines: string[] = [];
  await readMeter({ config: await writeConfig(t, yaml), line: 'b', json: true }, (line) => lines.push(line));
  t.deepEqual(
    lines.map((line) => (JSON.parse(line) as { analyserId: string }).analyserId),
    ['two'],
  );
});

test('a line that a running agent reads is not read beside it', async (t) => {
  const runDir = await temporaryFolder(t);
  await writeFile(join(runDir, 'status.json'), JSON.stringify({ pid: process.pid, version: '0.0.1' }));
  const yaml = `lines: [{ id: main, transport: rtu, path: ${ptyMeters(t, {})} }]
analysers: [{ id: one, line: main, unit: 1, profile: eastron-sdm630 }]
runDir: ${runDir}`;
  const config = await writeConfig(t, yaml);
  const failures = [
    readMeter({ config }, () => undefined),
    readRaw({ config, register: '0', unit: '1' }, () => undefined, never),
  ];
  for (const failing of failures) {
    const error = await t.throwsAsync<FarolaError>(failing);
    t.is(error.code, 'line-in-use');
    t.is(error.facts['pid'], process.pid);
  }
});

/** A folder in which an agent says that it runs, and a configuration of a line on the network. */
async function besideAgent(t: ExecutionContext, host: string, port: number): Promise<string> {
  const runDir = await temporaryFolder(t);
  await writeFile(join(runDir, 'status.json'), JSON.stringify({ pid: process.pid, version: '0.0.1' }));
  return writeConfig(
    t,
    `lines: [{ id: main, transport: rtu-over-tcp, host: ${host}, port: ${port} }]
analysers: [{ id: one, line: main, unit: 1, profile: eastron-sdm630 }]
runDir: ${runDir}`,
  );
}

test('a gateway that a running agent reads is not called beside it, by whatever name', async (t) => {
  const config = await besideAgent(t, 'localhost', 4_001);
  const at = { config, tcpPort: '4001', unit: '1' };
  const failures = [
    readMeter({ ...at, host: '127.0.0.1', profile: 'eastron-sdm630' }, () => undefined),
    readMeter({ ...at, host: 'LOCALHOST', profile: 'eastron-sdm630', transport: 'modbus-tcp' }, () => undefined),
    readRaw({ ...at, host: '127.0.0.1', register: '0' }, () => undefined, never),
    scanMeters({ config, host: '127.0.0.1', tcpPort: '4001', units: '1' }, () => undefined, never),
  ];
  for (const failing of failures) {
    const error = await t.throwsAsync<FarolaError>(failing);
    t.is(error.code, 'line-in-use');
    t.deepEqual([error.facts['line'], error.facts['pid']], ['main', process.pid]);
  }
});

test('another port of the same gateway is read beside the agent', async (t) => {
  const config = await besideAgent(t, '127.0.0.1', 4_001);
  const asked = { config, host: '127.0.0.1', tcpPort: '9', unit: '1', profile: 'eastron-sdm630', timeoutMs: '100' };
  const error = await t.throwsAsync<FarolaError>(readMeter(asked, () => undefined));
  t.is(error.code, 'line-unavailable');
});

const WRONG: [string, string[]][] = [
  ['a line without a profile', ['--port', '/dev/null', '--unit', '1']],
  ['a profile without a line', ['--profile', 'eastron-sdm630', '--unit', '1']],
  ['two ways to a line', ['--port', '/dev/null', '--host', 'x', '--unit', '1', '--profile', 'eastron-sdm630']],
  ['a baud rate that is none', ['--port', '/dev/null', '--baud', 'fast', '--unit', '1', '--profile', 'eastron-sdm630']],
  ['a register without a unit', ['--port', '/dev/null', '--register', '0']],
  ['a register that is none', ['--port', '/dev/null', '--register', '70000', '--unit', '1']],
  ['a function that writes', ['--port', '/dev/null', '--register', '0', '--unit', '1', '--function', '6']],
];

for (const [what, args] of WRONG) {
  test(`refuses ${what}`, async (t) => {
    const { code, err } = await farolaAgent(['meter', 'read', ...args]);
    t.is(code, 64, err);
  });
}
