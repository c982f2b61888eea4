import { readFileSync } from 'node:fs';
import { checkEnvironment, REFUSED_VARIABLES } from '@farola/agent/code/refused-environment.js';
import { FarolaError } from '@farola/shared';
import test from 'ava';

const LAUNCHER = readFileSync(new URL('../../../../agent/bin/farola-agent', import.meta.url), 'utf8');

for (const name of [...REFUSED_VARIABLES, '@SERIALPORT/BINDINGS_CPP_PREBUILD', 'BETTER_SQLITE3_PREBUILD']) {
  test(`F64: ${name} is refused, unless it is empty`, (t) => {
    const error = t.throws(() => checkEnvironment({ PATH: '/bin', [name]: 'x' }, []), { instanceOf: FarolaError });
    t.is(error.code, 'environment-refused');
    t.is(error.facts['name'], name);
    t.notThrows(() => checkEnvironment({ [name]: '' }, []));
  });
}

test('what brings no code in is not refused', (t) => {
  t.notThrows(() => checkEnvironment({ PATH: '/bin', NODE_EXTRA_CA_CERTS: '/x', NODE_ENV: 'production', TZ: 'UTC' }, []));
});

test('options of node are refused but for those of the launcher', (t) => {
  const launched: readonly string[] = /^exec node ((?:--\S+[ \\\n]+)+)/m.exec(LAUNCHER)?.[1]?.match(/--\S+/g) ?? [];
  t.true(launched.includes('--single-threaded') && launched.includes('--max-old-space-size=128'));
  t.notThrows(() => checkEnvironment({}, launched));
  for (const option of [
    '--single-threaded-gc',
    '--single-threaded=1',
    '--require=/x.js',
    '--import',
    '--inspect',
    '--max-old-space-size=128 --x',
    '-e',
  ]) {
    const error = t.throws(() => checkEnvironment({}, [option]), { instanceOf: FarolaError });
    t.is(error.code, 'option-refused');
  }
  t.notThrows(() => checkEnvironment({}, undefined), 'a checkout may be debugged');
});

test('the launcher refuses the same, in the same words', (t) => {
  const listed = /for name in ([A-Z_ \\\n]+);/.exec(LAUNCHER)?.[1]?.match(/[A-Z_]+/g);
  t.deepEqual(listed, [...REFUSED_VARIABLES]);
  const error = new FarolaError('environment-refused', { name: '$name' });
  t.true(LAUNCHER.includes(`echo "error: ${error.message}"`));
  t.true(LAUNCHER.includes(`echo "hint: ${error.hint ?? ''}"`));
  t.true(LAUNCHER.includes(`exit ${error.exit}\n`));
});
