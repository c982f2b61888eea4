import test from 'ava';
import { agentConfigSchema } from '@farola/agent/config.js';
import { CONFIG_IN_BUNDLE as AGENT_FIELDS } from '@farola/agent/cli/support-fields.js';
import { CONFIG_IN_BUNDLE as COLLECTOR_FIELDS } from '@farola/collector/cli/support-fields.js';
import { COLLECTOR_CONFIG } from '@farola/collector/config.js';
import { ERRORS, FarolaError, knownReason, makeBundle, pickFields, problemPlaces, supportLog, writeTar } from '@farola/shared';
import type { z } from 'zod';
import { filesIn, secretsIn } from '../../fakes/search-secrets.js';

const OF = { program: 'test', version: '1', atMs: Date.UTC(2026, 10, 23) };
const SECRET = Buffer.from('c3a1f09b77e2d4465a8e19bb03fd62c7a90e1f5d38b6724cfe05a1d2983b4c6e', 'hex');

test('a part that fails is named with its code, and takes no other with it', async (t) => {
  const { tar, parts } = await makeBundle(OF, [
    { name: 'a.json', make: () => ({ a: 1 }) },
    {
      name: 'b.json',
      make: () => {
        throw new FarolaError('config-invalid', { path: 'x', count: 1, problems: 'password: `hunter2`' });
      },
    },
    { name: 'c.json', make: async () => Promise.reject(new TypeError('hunter2')) },
    { name: 'd.json', make: () => 'null\n' },
  ]);
  t.deepEqual(Object.keys(filesIn(tar)), ['index.json', 'a.json', 'd.json']);
  t.deepEqual(
    parts.map(({ missing, bytes }) => missing ?? (bytes ?? 0) > 0),
    [true, 'config-invalid', 'internal: TypeError', true],
  );
  t.false(Buffer.from(tar).includes('hunter2'));
});

test('of an object only what is allowed stays', (t) => {
  const value = { a: 1, b: { c: 2, d: 3 }, list: [{ x: 1, y: 2 }], names: ['n'], deep: { hidden: { s: 1 } }, more: [{ s: 1 }] };
  t.deepEqual(pickFields(value, ['a', 'b.c', 'list.x', 'names', 'deep', 'more']), {
    a: 1,
    b: { c: 2 },
    list: [{ x: 1 }],
    names: ['n'],
  });
});

/** Paths of the leaves of a schema, as an allowlist names them. */
function leaves(schema: z.core.$ZodType, path = ''): string[] {
  const { def } = (schema as z.ZodType)._zod as unknown as { def: Record<string, unknown> };
  const inner = (def['innerType'] ?? def['element'] ?? def['in']) as z.core.$ZodType | undefined;
  if (def['type'] === 'object')
    return Object.entries(def['shape'] as Record<string, z.core.$ZodType>).flatMap(([name, field]) =>
      leaves(field, path === '' ? name : `${path}.${name}`),
    );
  if (def['type'] === 'union' && path === 'lines')
    return (def['options'] as z.core.$ZodType[]).flatMap((one) => leaves(one, path));
  return inner ? leaves(inner, path) : [path];
}

for (const [program, schema, fields] of [
  ['agent', agentConfigSchema, AGENT_FIELDS],
  ['collector', COLLECTOR_CONFIG, COLLECTOR_FIELDS],
] as const) {
  test(`each field of the configuration of the ${program} was thought of: it is allowed, and nothing else is`, (t) => {
    t.deepEqual([...new Set(leaves(schema))].toSorted(), fields.toSorted());
  });
}

test('a problem of a configuration is told by its place, without what stands there', (t) => {
  t.deepEqual(
    problemPlaces([
      '  lines[0].baud (line 3): must be a number; it is `hunter2`',
      '  hunter2 (line 9): is not a field that is known here',
      '  the document: it is `hunter2`',
      '  line 7: hunter2',
    ]),
    [
      'lines[0].baud (line 3)',
      'something that is not known here (line 9)',
      'something that is not known here',
      'something that is not known here',
    ],
  );
});

test('of the log only fields stay that can hold no secret, messages as the error table has them', (t) => {
  const secret = SECRET.toString('hex');
  const lines = [
    JSON.stringify({
      level: 'warn',
      code: 'signature-invalid',
      msg: secret,
      lcu: 'malaga-0042',
      token: secret,
      key: [secret],
      lateMs: 5,
    }),
    JSON.stringify({ level: 'info', msg: 'collector runs', address: '0.0.0.0:1', note: secret }),
    JSON.stringify({ level: 'info', msg: 'token farola1-AbC_d-9 taken', lcu: 'farola1-AbC_d-9' }),
    JSON.stringify({
      level: 'error',
      code: 'internal',
      err: { message: secret, stack: `Error: ${secret}\n${secret}\n    at f (file.js:1:2)` },
    }),
    `error: what a program wrote without a format: ${secret}`,
    '"text"',
    '',
  ];
  const log = supportLog(lines);
  t.is(log.leftOut, 2);
  t.false(JSON.stringify(log).includes(secret));
  t.false(JSON.stringify(log).includes('farola1-'));
  t.deepEqual(log.records[0], {
    level: 'warn',
    code: 'signature-invalid',
    lcu: 'malaga-0042',
    lateMs: 5,
    msg: ERRORS['signature-invalid'].message,
  });
  t.like(log.records[1], { msg: 'collector runs', address: '0.0.0.0:1' });
  t.deepEqual(log.records[3]?.['stack'], ['at f (file.js:1:2)']);
});

test('an event, a finding and why nothing could be reached stay in a log, and no other text', (t) => {
  const secret = SECRET.toString('hex');
  const { records } = supportLog(
    [
      { event: 'config-rolled-back', facts: [secret], late: false },
      { event: secret, kind: secret.slice(0, 40) },
      { code: 'ledger-damaged', kind: 'damaged', month: '2026-11', what: 'its key is not above the one before it', key: 7 },
      { code: 'internal', what: secret, month: secret },
      { code: 'collector-unreachable', address: 'wss://a:1', reason: 'connect ECONNREFUSED 10.0.0.1:8443' },
      { reason: `password ${secret} EACCESS`, waitMs: 5 },
    ].map((line) => JSON.stringify(line)),
  );
  t.false(JSON.stringify(records).includes(secret.slice(0, 30)));
  t.deepEqual(records.slice(0, 2), [{ event: 'config-rolled-back', late: false }, {}]);
  t.like(records[2], { kind: 'damaged', month: '2026-11', what: 'its key is not above the one before it', key: 7 });
  t.deepEqual(Object.keys(records[3] ?? {}), ['code', 'msg']);
  t.like(records[4], { reason: 'ECONNREFUSED', address: 'wss://a:1' });
  t.deepEqual(records[5], { waitMs: 5 });
});

for (const [reason, known] of [
  ['certificate-invalid', 'certificate-invalid'],
  ['connect ECONNREFUSED 10.0.0.1:8443', 'ECONNREFUSED'],
  ['getaddrinfo ENOTFOUND collector.example.org', 'ENOTFOUND'],
  ['no TLS there (ERR_SSL_WRONG_VERSION_NUMBER)', 'ERR_SSL_WRONG_VERSION_NUMBER'],
  ['tree-writable: /usr/lib/farola-agent can be written by others', 'tree-writable'],
  ['no answer within 10000 ms', 'no answer within 10000 ms'],
  ['closed with 1006', 'closed with 1006'],
  ['no answer within 10000 ms, the password is hunter2', null],
  ['hunter2 EVERYTHING ERR_HUNTER2 usage', null],
] as const) {
  test(`of why something failed only what is known stays: ${reason}`, (t) => {
    t.is(knownReason(reason), known);
  });
}

for (const [how, form] of [
  ['raw', SECRET],
  ['hexadecimal', SECRET.toString('hex')],
  ['capitals', SECRET.toString('hex').toUpperCase()],
  ['base64', SECRET.toString('base64')],
  ['base64 behind a byte', Buffer.concat([Buffer.from('x'), SECRET]).toString('base64')],
  ['base64url between others', Buffer.concat([Buffer.from('xy'), SECRET, Buffer.from('z')]).toString('base64url')],
] as const) {
  test(`the search of the tests finds a secret that is there, ${how}`, (t) => {
    const tar = writeTar(
      [{ name: 'x', mode: 0o600, content: Buffer.from(`before ${Buffer.from(form).toString('latin1')}`, 'latin1') }],
      0,
    );
    t.deepEqual(secretsIn(tar, { key: SECRET, other: Buffer.alloc(32, 7) }), ['key']);
  });
}
