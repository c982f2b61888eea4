import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { farolaAgent, writeAgentConfig } from '../../fakes/agent-process.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

test('init makes folders and an example that is valid, and never overwrites', async (t) => {
  const folder = join(temporaryFolder(t), 'new');
  const [config, stateDir] = [join(folder, 'etc', 'agent.yaml'), join(folder, 'state')];
  const args = ['init', '--config', config, '--state-dir', stateDir];
  t.is((await farolaAgent(args)).code, 0);
  t.deepEqual([statSync(stateDir).mode & 0o777, statSync(config).mode & 0o777], [0o700, 0o640]);
  t.true(existsSync(join(folder, 'etc', 'profiles')));
  t.regex(readFileSync(config, 'utf8'), /^  - id: mains$/m, 'as the README asks for it');
  const checked = await farolaAgent(['config', 'check', '--config', config]);
  t.is(checked.code, 0, checked.err);
  writeFileSync(config, '# mine\n');
  const again = await farolaAgent(args);
  t.is(again.code, 0);
  t.regex(again.out, /kept as it is/);
  t.is(readFileSync(config, 'utf8'), '# mine\n');
});

test('init leaves no half file behind, and what an interrupted one left is in nobody’s way', async (t) => {
  const folder = temporaryFolder(t);
  const config = join(folder, 'agent.yaml');
  writeFileSync(`${config}.farola-new`, 'half');
  t.is((await farolaAgent(['init', '--config', config, '--state-dir', join(folder, 'state')])).code, 0);
  t.regex(readFileSync(config, 'utf8'), /^# Configuration/);
  t.deepEqual(readdirSync(folder).toSorted(), ['agent.yaml', 'profiles', 'state']);
});

test('init on a configuration that is there makes the folders that it names, and no others', async (t) => {
  const folder = temporaryFolder(t);
  const profilesDir = join(folder, 'own');
  const config = writeAgentConfig(folder);
  const { code, out, err } = await farolaAgent(['init', '--config', config, '--json']);
  t.is(code, 0, err);
  const nobody = { enrolledAs: null, journalOf: null };
  t.deepEqual(JSON.parse(out), { configPath: config, written: false, stateDir: join(folder, 'state'), profilesDir, ...nobody });
  t.deepEqual(readdirSync(folder).toSorted(), ['agent.yaml', 'own', 'run', 'state']);
});

test('init on a configuration that is not valid makes nothing, and says what is wrong', async (t) => {
  const folder = temporaryFolder(t);
  const { code, err } = await farolaAgent(['init', '--config', writeAgentConfig(folder, 'surprise: 1')]);
  t.is(code, 78);
  t.regex(err, /surprise/);
  t.deepEqual(readdirSync(folder).toSorted(), ['agent.yaml', 'run']);
});

test('init names the configuration in what is to be done next, and its example the profiles beside it', async (t) => {
  const folder = join(temporaryFolder(t), 'a b');
  const config = join(folder, 'agent.yaml');
  const { out } = await farolaAgent(['init', '--config', config, '--state-dir', join(folder, 'state')]);
  t.true(out.includes(`\`farola-agent config check --config '${config}'\``), out);
  t.true(out.includes(`\`farola-agent enroll --config '${config}'\``), out);
  const { profilesDir } = parse(readFileSync(config, 'utf8')) as { profilesDir: string };
  t.is(profilesDir, join(folder, 'profiles'));
  t.true(existsSync(profilesDir));
});

test('init says when the configuration that it keeps names another state folder than was given', async (t) => {
  const folder = temporaryFolder(t);
  const config = writeAgentConfig(folder);
  const { code, out } = await farolaAgent(['init', '--config', config, '--state-dir', join(folder, 'other')]);
  t.is(code, 0);
  t.true(out.startsWith(`${config}: kept as it is: an agent that runs by it uses ${join(folder, 'state')}, until `), out);
  t.regex((await farolaAgent(['init', '--config', config])).out, /: kept as it is\n/);
});
