import { readFile } from 'node:fs/promises';
import test from 'ava';
import { parse } from 'yaml';
import { pause, sha256, systemTimers } from '@farola/shared';
import { tcpProxy } from '../fakes/tcp-proxy.js';
import { counts, openStage, until } from './stage.js';
import { backlogOf, journalOf, ledgerOf } from './stored.js';

const SEED = Number(process.env['FAROLA_SEED'] ?? 1);
const FAULTS = process.env['FAROLA_LONG'] === '1' ? 120 : 8;

test(`over a network of bytes that is cut, cut inside a frame, late, swallowing and refusing, ${FAULTS} times, nothing is lost or doubled`, async (t) => {
  t.timeout(FAULTS * 15_000 + 180_000);
  t.log(`FAROLA_SEED=${SEED}`);
  let drawn = 0;
  const fraction = (): number => Buffer.from(sha256(Buffer.from(`${SEED}/${drawn++}`))).readUInt32BE(0) / 2 ** 32;
  const proxy = await tcpProxy(t);
  const stage = await openStage(t, { dialPort: proxy.port });
  const { listen } = parse(await readFile(stage.paths.collectorConfig, 'utf8')) as { listen: { port: number } };
  proxy.to = listen.port;
  const collector = await stage.startCollector();
  await stage.enrol();
  const agent = stage.startAgent();
  await until(async () => (await counts(stage)).rounds >= 2, 'two rounds');

  const done = new Map<string, number>();
  const faults: Record<string, () => Promise<void>> = {
    'cut': () => now(() => proxy.cut()),
    'cut inside': () => now(() => proxy.cutAfter(Math.floor(fraction() * 3_000))),
    'late': () => during({ kind: 'late', ms: 200 + Math.floor(fraction() * 1_500) }),
    'swallow': () => during({ kind: 'swallow' }),
    'refuse': () => during({ kind: 'refuse' }),
  };
  function now(work: () => void): Promise<void> {
    work();
    return Promise.resolve();
  }
  async function during(mode: typeof proxy.mode): Promise<void> {
    proxy.mode = mode;
    if (mode.kind === 'refuse') proxy.cut();
    await pause(systemTimers, 1_000 + fraction() * 2_000);
    proxy.mode = { kind: 'carry' };
    if (mode.kind === 'swallow') proxy.cut();
  }
  const names = Object.keys(faults);
  for (let fault = 0; fault < FAULTS; fault++) {
    const name = names[fault < names.length ? fault : Math.floor(fraction() * names.length)] ?? 'cut';
    await faults[name]?.();
    done.set(name, (done.get(name) ?? 0) + 1);
    await pause(systemTimers, 500 + fraction() * 2_500);
  }
  proxy.cutAfter(Infinity);
  await until(async () => (await counts(stage)).connected === 1, 'the LCU connects again');
  const { rounds } = await counts(stage);
  await until(async () => (await counts(stage)).rounds >= rounds + 3, 'three rounds more');
  await until(() => backlogOf(stage).then((backlog) => backlog === 0), 'the backlog is collected');
  t.is(await agent.stop(), 0);
  t.is(await collector.stop(), 0);

  const journal = journalOf(stage);
  const stored = await ledgerOf(stage);
  const missing = journal.filter(({ epoch, n, bytes }) => stored.get(`${epoch}/${n}`) !== bytes);
  t.true(missing.length <= 8, `${missing.length} are on their way`);
  t.is(new Set(journal.map(({ epoch }) => epoch)).size, 1, 'the agent ran through');
  t.notRegex(await stage.log('collector'), /"level":"(error|fatal)"/);
  t.true(proxy.connections > 3);
  t.log(`${JSON.stringify([...done])}: ${stored.size} entries, ${proxy.connections} connections`);
});
