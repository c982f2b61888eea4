import { readFileSync } from 'node:fs';
import {
  ANSWER,
  COMMAND,
  COMMAND_ANSWER,
  ENROL_ANSWER,
  ENROL_CHALLENGE,
  ENROL_REQUEST,
  HELLO,
  HELLO_ANSWER,
  KEYS,
  KEYS_TAKEN,
  KINDS,
  type Kind,
  LABELS,
  type LabelName,
  POLL,
  PROOF,
  RELEASE,
} from '@farola/shared';
import test from 'ava';

const TEXT = readFileSync(new URL('../../../../docs/protocol.md', import.meta.url), 'utf8');
const CDDL = [...TEXT.matchAll(/```cddl\n([\s\S]*?)```/g)].map((match) => match[1] ?? '').join('\n');

/** The fields of a map rule: its labels with the names that stand behind them. */
function fieldsOf(rule: string): string[] {
  const body = new RegExp(`^${rule} = \\{\\n([\\s\\S]*?)^\\}`, 'm').exec(CDDL)?.[1] ?? '';
  const lines = body.trim().split('\n');
  return lines.map((line) => {
    const [, label, name] = /^\s*(\d+) => .*; (\w+)$/.exec(line) ?? [];
    return `${label} ${name}`;
  });
}

for (const { kind, schema } of [
  HELLO,
  HELLO_ANSWER,
  POLL,
  ANSWER,
  COMMAND,
  COMMAND_ANSWER,
  KEYS,
  KEYS_TAKEN,
  PROOF,
  RELEASE,
  ENROL_CHALLENGE,
  ENROL_REQUEST,
  ENROL_ANSWER,
]) {
  test(`docs/protocol.md gives the labels of ${kind} as the code has them`, (t) => {
    const names = Object.keys(schema.shape) as LabelName[];
    const labels = names.sort((a, b) => LABELS[a] - LABELS[b]).map((name) => `${LABELS[name]} ${name}`);
    t.deepEqual(fieldsOf(kind), labels);
  });
}

test('docs/protocol.md has a rule for every kind in use', (t) => {
  for (const [name, { contentType }] of Object.entries<Kind>(KINDS)) {
    if (contentType !== undefined) t.true(CDDL.includes(`\n${name} = {\n`), name);
  }
});

test('every rule of docs/protocol.md is used or is a message, an entry or a frame', (t) => {
  const rules = [...CDDL.matchAll(/^(\w+)\s*= /gm)].map((match) => match[1] ?? '');
  const roots = ['frame', 'signed', 'entry', 'token', ...Object.keys(KINDS)];
  const body = CDDL.replace(/;.*$/gm, '');
  for (const rule of rules) {
    if (!roots.includes(rule)) t.true([...body.matchAll(new RegExp(`\\b${rule}\\b`, 'g'))].length > 1, rule);
  }
  t.is(new Set(rules).size, rules.length);
});
