import { spawn } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type FarolaError } from '@farola/shared';
import { readMeter } from '@farola/agent/cli/meter-read.js';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { startPty } from '../../fakes/modbus-foreign-slave.js';
import { realMeter, temporaryFolder, writeConfig } from '../../fakes/modbus-bench.js';
import { runPowerlessNode } from '../../fakes/powerless-node.js';

const config = (path: string) =>
  `lines: [{ id: main, transport: rtu, path: ${path}, timeoutMs: 200 }]\nanalysers: [{ id: one, line: main, unit: 1, profile: eastron-sdm630 }]\n`;

/** A pseudo-terminal that nobody answers at. */
async function deafPty(t: ExecutionContext): Promise<string> {
  const path = join(await temporaryFolder(t), 'tty');
  await startPty(t, path);
  return path;
}

async function codeOfReading(t: ExecutionContext, path: string): Promise<FarolaError | undefined> {
  const meter = await realMeter(t, config(path));
  const reading = await meter.readers[0]?.read();
  return reading?.failure;
}

test('says that a port is not there', async (t) => {
  const path = join(await temporaryFolder(t), 'nothing');
  const failure = await codeOfReading(t, path);
  t.is(failure?.code, 'line-unavailable');
  t.like(failure?.facts, { line: 'main', path });
});

test('says that a file is no serial port', async (t) => {
  const path = join(await temporaryFolder(t), 'file');
  await writeFile(path, '');
  t.is((await codeOfReading(t, path))?.code, 'line-unavailable');
});

test('says that nobody answers', async (t) => {
  t.is((await codeOfReading(t, await deafPty(t)))?.code, 'meter-timeout');
});

test('says that a port is in use by another process', async (t) => {
  const path = await deafPty(t);
  const holder = spawn('flock', ['--nonblock', '--no-fork', path, 'sh', '-c', 'echo held; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => holder.kill('SIGKILL'));
  for await (const line of createInterface(holder.stdout)) {
    if (line === 'held') break;
  }
  const error = await t.throwsAsync<FarolaError>(readMeter({ config: await writeConfig(t, config(path)) }, () => undefined));
  t.is(error.code, 'port-in-use');
  t.is(error.facts['path'], path);
  t.truthy(error.hint);
});

test('says that a port may not be opened, and what to do', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'port');
  const configPath = join(folder, 'agent.yaml');
  await writeFile(path, '');
  await writeFile(configPath, config(path));
  await chmod(path, 0o000);
  const script = `
    const { readMeter } = await import(${JSON.stringify(import.meta.resolve('@farola/agent/cli/meter-read.js'))});
    const error = await readMeter({ config: ${JSON.stringify(configPath)} }, () => undefined).catch((error) => error);
    console.log(JSON.stringify({ code: error.code, hint: error.hint }));`;
  const stdout = await runPowerlessNode(script, '/');
  const said: unknown = JSON.parse(stdout);
  t.like(said, { code: 'permission-denied' });
  t.regex(stdout, /dialout/);
});
