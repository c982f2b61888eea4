import { readFile } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import { agentConfigSchema } from '@farola/agent/config/config-schema.js';
import test from 'ava';
import { parse } from 'yaml';
import { demoPaths, setUp } from '#scripts/demo/set-up.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

test('the agent of the demo uses no folder of the system, where that of an LCU may be installed', async (t) => {
  const folder = temporaryFolder(t);
  await setUp(folder, 5020, 2, 5, undefined, () => Promise.resolve('{"token":"none"}'));
  const config = agentConfigSchema.parse(parse(await readFile(demoPaths(folder).agentConfig, 'utf8')));
  const texts = Object.entries(config).filter((field): field is [string, string] => typeof field[1] === 'string');
  const places = texts.filter(([, text]) => isAbsolute(text));
  t.deepEqual(places.map(([name]) => name).toSorted(), ['profilesDir', 'runDir', 'stateDir']);
  for (const [name, place] of places) t.notRegex(relative(folder, place), /^\.\./, name);
});
