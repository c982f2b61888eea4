import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { runPowerlessNode } from '../../fakes/powerless-node.js';
import { filesIn } from '../../fakes/search-secrets.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { wideFleet } from '../../fakes/wide-fleet.js';

const TESTS = fileURLToPath(new URL('../../..', import.meta.url));

test('whoever may not look into the state folder is told so, and not to initialise a collector that is there', async (t) => {
  const folder = temporaryFolder(t);
  const config = await wideFleet(folder, 1, Date.now());
  const yaml = join(temporaryFolder(t), 'collector.yaml');
  const bundle = join(temporaryFolder(t), 'bundle.tar');
  chmodSync(folder, 0o000);
  t.teardown(() => chmodSync(folder, 0o700));
  const script = `
    const { writeFileSync } = await import('node:fs');
    const { readFleetStatus } = await import('@farola/collector/cli/read-fleet-status.js');
    const { writeSupportBundle } = await import('@farola/collector/cli/support-bundle.js');
    const { printIntervals } = await import('@farola/collector/cli/intervals.js');
    const [, given, yaml, bundle] = process.argv;
    const config = JSON.parse(given);
    const tell = (opened) => opened.then(() => console.log('ok'), ({ code, exit, message, hint }) => console.log(code, exit, message, hint));
    await tell(readFleetStatus(config));
    const { collectorId, publicAddress, stateDir, runDir } = config;
    writeFileSync(yaml, JSON.stringify({ collectorId, publicAddress, stateDir, runDir }));
    await tell(printIntervals({ config: yaml, out() {}, interval: 'day' }));
    await tell(writeSupportBundle(bundle, { config: yaml, json: true, out: (line) => console.log(line) }));`;
  const out = await runPowerlessNode(script, TESTS, JSON.stringify(config), yaml, bundle);
  const [status, readings, bundled] = out.trim().split('\n');
  t.is(
    status,
    `permission-denied 77 no permission for ${join(folder, 'state.db')} run it as the user of the collector: \`sudo -u farola-collector ...\``,
  );
  t.regex(readings ?? '', /^permission-denied 77/);
  const { parts } = JSON.parse(bundled ?? '') as { parts: { name: string; missing: string | null }[] };
  const denied = parts.filter((part) => part.missing === 'permission-denied').map(({ name }) => name);
  t.deepEqual(
    denied,
    ['status', 'counts', 'running', 'keys', 'pushes', 'proof', 'schemas'].map((name) => `${name}.json`),
  );
  const others = parts.filter(({ missing }) => missing !== null && missing !== 'permission-denied');
  t.true(
    others.every(({ name }) => name === 'log.json'),
    'whether anybody may read the journal is the business of the machine',
  );
  t.like(filesIn(readFileSync(bundle))['config.json'], { collectorId: 'malaga' });
});
