import test from 'ava';
import { farolaAgent, startFarolaAgent } from '../../../fakes/agent-process.js';
import { writeConfig } from '../../../fakes/modbus-bench.js';
import { ptyMeters } from '../../../fakes/pty-meter.js';

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
