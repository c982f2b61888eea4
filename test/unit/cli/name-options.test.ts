import { nameOptions, restartAdvice } from '@farola/agent/cli/name-options.js';
import test from 'ava';

const ADVICE =
  'run `farola-agent enroll --abort`, `farola-agent meter read`, `farola-agent profile check FILE`; `farola-collector status`';

test('commands name the configuration of this one where they take one, and those of the other program stay', (t) => {
  t.is(
    nameOptions(ADVICE, { config: '/tmp/a.yaml' }),
    'run `farola-agent enroll --abort --config /tmp/a.yaml`, `farola-agent meter read --config /tmp/a.yaml`, `farola-agent profile check FILE`; `farola-collector status`',
  );
});

test('the state folder is named where one was, to commands that take it', (t) => {
  t.is(
    nameOptions('`farola-agent status`, `farola-agent run`', { stateDir: '/tmp/state' }),
    '`farola-agent status --state-dir /tmp/state`, `farola-agent run`',
  );
});

test('where both are the usual ones nothing is named, nor where a configuration is named already', (t) => {
  t.is(nameOptions(ADVICE, {}), ADVICE);
  t.is(nameOptions(ADVICE, { config: '/etc/farola/agent.yaml' }), ADVICE);
  const named = '`farola-agent init --config other.yaml`';
  t.is(nameOptions(named, { config: '/tmp/a.yaml', stateDir: '/tmp/state' }), named);
});

test('a path that was typed from here holds from everywhere, and is one word for a shell', (t) => {
  t.is(
    nameOptions('`farola-agent run`', { config: "a b's.yaml" }),
    `\`farola-agent run --config '${process.cwd()}/a b'\\''s.yaml'\``,
  );
});

test('the usual agent is restarted by its service, another one by hand', (t) => {
  t.is(restartAdvice(7, true, {}), 'restart it: `systemctl restart farola-agent`');
  const byHand = 'and then `farola-agent run --config /tmp/a.yaml`';
  t.is(restartAdvice(7, true, { config: '/tmp/a.yaml' }), `restart it: its service, or \`kill -9 7\` ${byHand}`);
  t.is(restartAdvice(7, false, { config: '/tmp/a.yaml' }), `restart it: its service, or \`kill 7\` ${byHand}`);
});
