import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { runProgram } from '#scripts/demo/programs.js';
import { freePort, LCU } from '#scripts/demo/set-up.js';
import { counts, openStage, until } from './stage.js';

test('a collector polls an LCU that it dials, and again after either was restarted', async (t) => {
  const stage = await openStage(t);
  const { agentConfig, collectorConfig } = stage.paths;
  const enrolling = await stage.startCollector();
  await stage.enrol();
  await enrolling.stop();
  const port = await freePort();
  await appendFile(agentConfig, `\nlink: { reconnectMinMs: 100, listen: { address: 127.0.0.1, port: ${port} } }\n`);
  await appendFile(collectorConfig, `\ndial: [{ lcu: ${LCU}, host: 127.0.0.1, port: ${port} }]\n`);

  const first = await stage.startCollector();
  const agent = stage.startAgent();
  await until(async () => (await counts(stage)).rounds >= 2, 'two rounds');
  await agent.stop();
  await until(async () => (await counts(stage)).connected === 0, 'the end of the connection');
  stage.startAgent();
  await until(async () => (await counts(stage)).connected === 1, 'a second connection');
  await first.stop();
  await stage.startCollector();
  await until(async () => (await counts(stage)).rounds >= 2, 'two rounds after the restart');
  t.is((await counts(stage)).roundsFailed, 0, await stage.log('collector'));
  t.regex(await readFile(stage.paths.log('agent'), 'utf8'), /waits for the collector/);
});

test('B20: an LCU that the collector dials is refused where it, or who relays it, dials the collector', async (t) => {
  const stage = await openStage(t);
  const enrolling = await stage.startCollector();
  await stage.enrol();
  await enrolling.stop();
  const nobody = await freePort();
  await appendFile(stage.paths.collectorConfig, `\ndial: [{ lcu: ${LCU}, host: 127.0.0.1, port: ${nobody} }]\n`);
  stage.startAgent();
  await stage.startCollector();
  await until(async () => (await stage.log('collector')).includes('"code":"lcu-dialled"'), 'the refusal');
  t.is((await counts(stage)).connected, 0);
  const lines = (await stage.log('collector')).split('\n').filter((line) => line.includes('lcu-dialled'));
  t.like(JSON.parse(lines[0] ?? '{}'), { code: 'lcu-dialled', lcu: LCU, msg: 'connection refused' });
});

test('an LCU that is dialled gets keys that were replaced while nobody dialled it', async (t) => {
  t.timeout(180_000);
  const stage = await openStage(t);
  const { agentConfig, collectorConfig } = stage.paths;
  const enrolling = await stage.startCollector();
  await stage.enrol();
  await enrolling.stop();
  const port = await freePort();
  await appendFile(agentConfig, `\nlink: { reconnectMinMs: 100, listen: { address: 127.0.0.1, port: ${port} } }\n`);
  await appendFile(collectorConfig, `\ndial: [{ lcu: ${LCU}, host: 127.0.0.1, port: ${port} }]\n`);
  const keys = (...args: string[]): Promise<string> => runProgram('collector', ['keys', ...args, '--config', collectorConfig]);
  const root = join(stage.folder, 'collector', 'keys', 'root.key');
  await keys('rotate', 'poll', '--at-once', '--root', root);
  stage.startAgent();
  await stage.startCollector();
  await until(async () => (await counts(stage)).rounds >= 2, 'two rounds by the new key');
  t.is((await counts(stage)).roundsFailed, 0, await stage.log('collector'));
  t.regex(await keys('list'), /statement 2 .*: 1 of 1 LCU goes by it/);
});
