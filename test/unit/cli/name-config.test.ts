import { nameConfig } from '@farola/collector/cli/name-config.js';
import { CONFIG_PATH } from '@farola/collector/config/fs-config.js';
import test from 'ava';

const ADVICE = 'run `farola-collector lcu list`, then `farola-collector status`; `farola-agent status` on the LCU';

test('commands name the configuration of this one, and those of the other program stay', (t) => {
  t.is(
    nameConfig(ADVICE, '/tmp/c.yaml'),
    'run `farola-collector --config /tmp/c.yaml lcu list`, then `farola-collector --config /tmp/c.yaml status`; `farola-agent status` on the LCU',
  );
});

test('what is done offline needs none', (t) => {
  for (const line of ['`farola-collector release key FILE` makes one', '`farola-collector release sign` writes one'])
    t.is(nameConfig(line, '/tmp/c.yaml'), line);
});

test('where it is the usual one nothing is named', (t) => {
  t.is(nameConfig(ADVICE, CONFIG_PATH), ADVICE);
});

test('a path is one word for a shell, whatever is in it', (t) => {
  t.is(nameConfig('`farola-collector status`', "/a b/$&'s.yaml"), "`farola-collector --config '/a b/$&'\\''s.yaml' status`");
});
