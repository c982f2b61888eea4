import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import {
  ANSWER,
  type Cbor,
  COMMAND,
  COMMAND_ANSWER,
  decodeEntry,
  encodeCbor,
  ENROL_ANSWER,
  ENROL_CHALLENGE,
  ENROL_REQUEST,
  HELLO,
  HELLO_ANSWER,
  KEYS,
  KEYS_TAKEN,
  LABELS,
  type MessageType,
  parseMessage,
  POLL,
  PROOF,
  RELEASE,
  toHex,
} from '@farola/shared';
import type { z } from 'zod';
import { Cddl, type CddlType } from './cddl.js';
import { exampleOf, fits, variantsOf } from './cddl-values.js';

const TEXT = readFileSync(new URL('../../../../docs/protocol.md', import.meta.url), 'utf8');
const cddl = new Cddl([...TEXT.matchAll(/```cddl\n([\s\S]*?)```/g)].map((match) => match[1] ?? '').join('\n'));

/** The code takes a value exactly if it fits the rule; both happen. */
function agree(t: ExecutionContext, rule: CddlType, takes: (bytes: Uint8Array) => boolean): void {
  t.true(takes(encodeCbor(exampleOf(rule))), 'the example of the rule');
  const seen = { true: 0, false: 0 };
  for (const value of variantsOf(rule)) {
    const bytes = encodeCbor(value);
    const fitting = fits(rule, value);
    seen[`${fitting}`]++;
    if (takes(bytes) !== fitting) t.fail(`${fitting ? 'refused' : 'taken'}: ${toHex(bytes).slice(0, 400)}`);
  }
  t.true(seen.true > 3, `${seen.true} taken`);
  t.true(seen.false > 50, `${seen.false} refused`);
}

const MESSAGES: readonly MessageType<z.ZodObject>[] = [
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
];

for (const type of MESSAGES) {
  test(`the code takes what docs/protocol.md says of ${type.kind}, and refuses what is a step beyond`, (t) => {
    agree(t, cddl.type(type.kind), (bytes) => parseMessage(type, bytes).ok);
  });
}

for (const kind of ['start', 'table', 'clock', 'sample', 'event'] as const) {
  test(`the code reads an entry of kind ${kind} as docs/protocol.md gives it, and takes what is a step beyond as unknown`, (t) => {
    agree(t, cddl.type(kind), (bytes) => decodeEntry(bytes).kind === kind);
  });
}

test('a bound that is off by one would be seen', (t) => {
  const rule = cddl.type('answer') as Extract<CddlType, { kind: 'message' }>;
  const takes = (value: Cbor): boolean => parseMessage(ANSWER, encodeCbor(value)).ok;
  for (const most of [2n ** 48n - 1n, 2n ** 48n + 1n]) {
    const off = { ...rule, fields: new Map(rule.fields).set(LABELS.to, { kind: 'int', least: 0n, most } as const) };
    t.true([...variantsOf(off)].some((value) => takes(value) !== fits(off, value)));
  }
});
