import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { runInto, runUnread } from '../../fakes/closed-pipe.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { wideFleet } from '../../fakes/wide-fleet.js';
import { runProgram } from '#scripts/demo/programs.js';

const COLLECTOR = fileURLToPath(new URL('../../../../collector/bin/farola-collector', import.meta.url));

const LONG = ['--from', '-1h'];
/** A table, CSV, JSON, what the library prints, and a finding that has an exit code of its own. */
const PRINTED: readonly (readonly string[])[] = [
  ['lcu', 'list'],
  ['readings', ...LONG, '--csv'],
  ['readings', ...LONG, '--json'],
  ['status', '--check'],
];

test('whoever reads the output may go before its end: every command ends with 141 then, and says nothing', async (t) => {
  t.timeout(120_000);
  const folder = temporaryFolder(t);
  const [config, stateDir] = [join(folder, 'collector.yaml'), join(folder, 'state')];
  const places = ['--config', config, '--state-dir', stateDir, '--run-dir', join(folder, 'run')];
  await runProgram('collector', ['init', '--id', 'malaga', '--address', 'wss://127.0.0.1:8443', ...places]);
  await wideFleet(stateDir, 30, Date.now());
  const named = (...args: readonly string[]): string[] => [...args, '--config', config];
  for (const args of [...PRINTED.map((one) => named(...one)), ['--help']])
    t.deepEqual(await runUnread(COLLECTOR, args), { exit: 141, err: '' }, args.join(' '));
  const some = await runInto('head -1', COLLECTOR, named('readings', ...LONG, '--csv'));
  t.deepEqual(some, { exit: 141, err: '' }, 'more than the pipe holds');
  const { exit, err } = await runInto('cat', COLLECTOR, named('lcu', 'show', 'nobody'));
  t.is(exit, 66);
  t.regex(err, /^error: there is no LCU nobody\nhint: [^\n]+\n$/);
});
