import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { farolaAgent } from '../../../fakes/agent-process.js';
import { temporaryFolder } from '../../../fakes/modbus-bench.js';
import { ptyMeters } from '../../../fakes/pty-meter.js';

const METERING = fileURLToPath(new URL('../../../../../docs/metering.md', import.meta.url));

/** The commands of the walk, without what is said of them, and without the name of the program. */
function walk(): string[][] {
  const [, section = ''] = readFileSync(METERING, 'utf8').split('\n### From an unknown meter to a configuration\n');
  const [, block = ''] = /```console\n([\s\S]*?)```/.exec(section.split('\n### ')[0] ?? '') ?? [];
  return [...block.matchAll(/^[#$] farola-agent (.+?)(?: +# .*)?$/gm)].map(([, line = '']) => line.split(' '));
}

/** What each must print. */
const SAYS: Readonly<Record<string, RegExp>> = {
  'meter scan': /^unit 3 at 9600 8N1: Socomec .* \(socomec-countis-e34\)/m,
  'meter doctor': /agrees\n.*agrees\n.*agrees\nsocomec-countis-e34 says what the display shows$/m,
  'init': /written as an example/,
  'config check': /good: 1 analyser on 1 line/,
  'meter plan': /^unit-3 \(socomec-countis-e34 on line-1\)/,
  'meter read': /^unit-3 \(socomec-countis-e34, unit 3 on line-1\): complete/,
  'meter record': /panel-7\.transcript: 3 readings, 3 complete$/m,
};

test('the walk from an unknown meter to a configuration goes as it is written', async (t) => {
  t.timeout(300_000);
  const folder = await temporaryFolder(t);
  const config = join(folder, 'agent.yaml');
  const port = ptyMeters(t, { profile: 'socomec-countis-e34', unit: 3 });
  const told = new Set<string>();
  let pasted = '';
  for (const words of walk()) {
    const name = words[0] === 'init' ? 'init' : words.slice(0, 2).join(' ');
    const here = words.map((word) =>
      word === '/dev/ttyUSB0' ? port : word === 'panel-7.transcript' ? join(folder, word) : word,
    );
    const isDescribed = here.includes('--port');
    const state = name === 'init' ? ['--state-dir', join(folder, 'state')] : [];
    const { code, out, err } = await farolaAgent([...here, ...(isDescribed ? [] : ['--config', config, ...state])]);
    t.is(code, 0, `${words.join(' ')}: ${out}${err}`);
    t.regex(out, SAYS[name] ?? /^$/, words.join(' '));
    told.add(name);
    if (name === 'meter scan') pasted = out.slice(out.indexOf('lines:'));
    if (name !== 'init') continue;
    t.true((await readFile(config, 'utf8')).includes('lines:'));
    await writeFile(config, `${pasted}runDir: ${folder}\n`);
  }
  t.deepEqual([...told], Object.keys(SAYS));
});
