import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Interrupted } from '@farola/agent/cli/interrupted.js';
import { scanMeters } from '@farola/agent/cli/meter-scan.js';
import type { MeterScanOptions } from '@farola/agent/cli/meter-scan.js';
import { SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import { linuxPtyPort } from '@farola/agent/meter/tool/simulate/linux-pty-port.js';
import { serveSlave } from '@farola/agent/meter/tool/simulate/serve-slave.js';
import { SimulatedMeter } from '@farola/agent/meter/tool/simulate/simulated-meter.js';
import { systemTimers } from '@farola/shared';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { checkJson } from '#scripts/docs/json/check-json.js';
import { farolaAgent, startFarolaAgent } from '../../../fakes/agent-process.js';
import { temporaryFolder, writeConfig } from '../../../fakes/modbus-bench.js';
import { EVENING_MS, ptyMeters, shippedProfile } from '../../../fakes/pty-meter.js';

test('a port is scanned, and the printed lines are a configuration that reads what was found', async (t) => {
  const port = ptyMeters(t, { profile: 'abb-b23-b24', unit: 2 }, { profile: 'carlo-gavazzi-em300', unit: 4 });
  const asked = ['meter', 'scan', '--port', port, '--units', '1-5', '--baud', '9600', '--parity', 'none', '--timeout-ms', '60'];
  const scanned = await farolaAgent(asked);
  t.is(scanned.code, 0, scanned.err);
  t.regex(scanned.out, /^unit 2 at 9600 8N1: ABB .*\(abb-b23-b24\)$/m);
  const pasted = scanned.out.slice(scanned.out.indexOf('lines:'));
  const read = await farolaAgent(['meter', 'read', '--config', await writeConfig(t, pasted), '--json']);
  t.is(read.code, 0, read.err);
  const told = read.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  t.like(told[0], { analyserId: 'unit-2', profileId: 'abb-b23-b24', status: 'complete' });
  t.like(told[1], { analyserId: 'unit-4', profileId: 'carlo-gavazzi-em300', status: 'complete' });
});

test('a scan of a line of the configuration asks in its own setting, and nobody is told', async (t) => {
  const yaml = `lines: [{ id: main, transport: rtu, path: ${ptyMeters(t)} }]\nanalysers: [{ id: one, line: main, unit: 1, profile: eastron-sdm630 }]`;
  const config = await writeConfig(t, yaml);
  const { code, out } = await farolaAgent(['meter', 'scan', '--config', config, '--units', '1-2', '--timeout-ms', '60']);
  t.is(code, 0);
  t.regex(out, /^nobody answered: /);
});

test('a scan that is interrupted prints what it found by then', async (t) => {
  const port = ptyMeters(t, { profile: 'abb-b23-b24', unit: 1 });
  const { child, ended } = startFarolaAgent(t, [
    'meter',
    'scan',
    '--port',
    port,
    '--units',
    '1-3',
    '--baud',
    '9600,19200,38400,2400,1200',
    '--timeout-ms',
    '500',
  ]);
  let out = '';
  await new Promise<void>((resolve) => {
    child.stdout?.on('data', (data: Buffer) => {
      out += data.toString();
      if (out.includes('unit 1 at')) resolve();
    });
  });
  child.kill('SIGINT');
  const end = await ended;
  t.is(end.code, 130);
  t.regex(end.out, /unit: 1, profile: abb-b23-b24/);
});

/** Scans ten units, of which the second is there, and interrupts when the fifth is called; gives what was printed. */
async function interruptedScan(t: ExecutionContext, options: MeterScanOptions): Promise<string[]> {
  const port = linuxPtyPort();
  t.teardown(() => port.close());
  const ending = new AbortController();
  const meter = new SimulatedMeter({ profile: shippedProfile('abb-b23-b24'), unit: 2, seed: 1, wallMs: () => EVENING_MS });
  const reply = (request: Uint8Array) => {
    if (request[0] === 5) ending.abort(new Interrupted('SIGINT'));
    return { frame: meter.answer(request), afterMs: 0 };
  };
  serveSlave({ port, framing: 'rtu', timers: systemTimers, reply });
  const lines: string[] = [];
  const asked = { ...options, port: port.address, units: '1-10', baud: '9600', parity: 'none', timeoutMs: '100' };
  const error = await t.throwsAsync(scanMeters(asked, (line) => lines.push(line), ending.signal));
  t.true(error instanceof Interrupted);
  return lines;
}

test('of a scan that is interrupted the units that answered are told, be it before they were asked what they are', async (t) => {
  const text = (await interruptedScan(t, {})).join('\n');
  t.regex(text, /^unit 2 at 9600 8N1: it answers, and was not asked yet what it is$/m);
  t.regex(text, /^interrupted after 4 of 10 questions$/m);
  t.regex(text, /^ {2}# unit 2: it was not asked yet what it is: scan again with --units 2$/m);
});

test('the same in JSON, with a last line that says so', async (t) => {
  const lines = await interruptedScan(t, { json: true });
  checkJson('farola-agent', ['meter', 'scan'], lines.join('\n'));
  const [found, end] = lines.map((line) => JSON.parse(line) as object);
  t.like(found, { modbusUnit: 2, identityAsked: false, looksLike: [], reason: null });
  t.deepEqual(end, { interrupted: true, questionsAsked: 4, questionsTotal: 10 });
});

/** A configuration whose folder of own profiles has one, a copy of the Eastron, and a line to a meter of it. */
async function ownProfile(t: ExecutionContext): Promise<{ config: string; folder: string }> {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'own'));
  const own = join(folder, 'own', 'acme-m3.yaml');
  await copyFile(join(SHIPPED_PROFILES.path, 'eastron-sdm630.yaml'), own);
  await writeFile(own, (await readFile(own, 'utf8')).replace('id: eastron-sdm630', 'id: acme-m3'));
  const yaml = `lines: [{ id: main, transport: rtu, path: ${ptyMeters(t, {})} }]
analysers: [{ id: one, line: main, unit: 1, profile: acme-m3 }]
profilesDir: ${join(folder, 'own')}`;
  return { config: await writeConfig(t, yaml), folder };
}

test('own profiles are those of the folder that the configuration names: for a scan, a simulated meter and a recording', async (t) => {
  const { config, folder } = await ownProfile(t);
  const scanned = await farolaAgent(['meter', 'scan', '--config', config, '--units', '1', '--timeout-ms', '60']);
  t.regex(scanned.out, /plausible by .*acme-m3/, scanned.err);
  const recorded = await farolaAgent(['meter', 'record', join(folder, 'x'), '--config', config, '--times', '1']);
  t.is(recorded.code, 0, recorded.err);
  const replayed = await farolaAgent(['meter', 'replay', join(folder, 'x'), '--config', config]);
  t.is(replayed.code, 0, replayed.err);
  const simulated = startFarolaAgent(t, ['meter', 'simulate', 'acme-m3', '--config', config]);
  simulated.child.stdout?.once('data', () => simulated.child.kill('SIGINT'));
  const { out, err } = await simulated.ended;
  t.regex(out, /^acme-m3, unit 1, /, err);
});
