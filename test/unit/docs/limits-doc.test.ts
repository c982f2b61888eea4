import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COLLECTOR_CONFIG } from '@farola/collector/config.js';
import { ERRORS } from '@farola/shared';
import test from 'ava';
import { configFields } from '#scripts/docs/config-fields.js';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const text = readFileSync(join(root, 'docs/limits.md'), 'utf8');
const rows = text.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
const quoted = (cell: string | undefined): string[] => [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
/** Rows of the limits themselves: limit, value, where, what happens, test. */
const limits = rows.map((row) => row.split(' | ')).filter((cells) => cells.length === 5 && !cells[0]?.startsWith('| limit'));

test('docs/limits.md names tests that are there', (t) => {
  t.true(limits.length > 20);
  for (const cells of limits) {
    for (const name of quoted(cells[4])) t.true(existsSync(join(root, 'test', `${name}.test.ts`)), name);
  }
});

test('docs/limits.md names places and fields that are there', (t) => {
  const fields = new Map(configFields(COLLECTOR_CONFIG).map(({ path, fallback }) => [path, fallback]));
  for (const [, value = '', where] of limits) {
    for (const name of quoted(where)) {
      if (name.endsWith('.ts')) t.true(existsSync(join(root, name)), name);
      else t.is(fields.get(name)?.replaceAll('`', ''), value, name);
    }
  }
});

test('docs/limits.md names codes of the error table', (t) => {
  const codes = limits.flatMap((cells) => quoted(cells[3])).filter((name) => name !== 'replaced');
  t.true(codes.length > 15);
  for (const code of codes) t.true(Object.hasOwn(ERRORS, code), code);
});

/** Limits by the beginnings of their rows: what the row says, and the constants of the source that make it so. */
const FIGURES: readonly (readonly [row: string, says: string, file: string, ...constants: string[]])[] = [
  ['TLS handshake', '10 s', 'collector/src/link/ws-listener.ts', 'HANDSHAKE_MS = 10_000'],
  ['request of the upgrade', '10 s, 8 KiB', 'collector/src/link/ws-listener.ts', 'HEADER_BYTES = 8 * 1024'],
  ['answer to the hello', '10 s', 'collector/src/link/accept-lcu.ts', 'HELLO_MS = 10_000'],
  ['enrolment request', '30 s', 'collector/src/link/accept-enrolment.ts', 'ENROL_MS = 30_000'],
  ['all of it, however', '30 s', 'collector/src/link/ws-listener.ts', 'STRANGER_MS = 30_000'],
  ['lines of the log for refusals', '20 of each', 'shared/src/refusal-counts.ts', 'LINES = 20'],
  ['fragments of a message', '64', 'shared/src/link/ws-bounds.ts', 'FRAGMENT_LIMIT = 64'],
  ['pieces that an unfinished', '1024', 'shared/src/link/ws-bounds.ts', 'CHUNK_LIMIT = 1024'],
  ['pings and pongs', '30 a minute', 'shared/src/link/ws-bounds.ts', 'CONTROLS_A_MINUTE = 30'],
  ['what the other side leaves unread', '1 MiB', 'shared/src/link/ws-bounds.ts', 'UNSENT_LIMIT = 1024 * 1024'],
  ['frames that no poll', '8 a connection', 'collector/src/poll/exchange.ts', 'STRAY_LIMIT = 8'],
  ['polls that are not good', '10 a connection', 'agent/src/link/connection.ts', 'BAD_POLLS = 10'],
  ['messages that an enrolment', '2', 'agent/src/link/message-queue.ts', 'MOST_WAITING = 2'],
  ['a dial of the agent', '20 s', 'agent/src/link/ws-dialler.ts', 'DIAL_MS = 20_000'],
  ['a dial of the collector', '20 s', 'collector/src/link/ws-dialler.ts', 'DIAL_MS = 20_000'],
  ['the hello of a collector', '15 s', 'agent/src/link/link.ts', 'HELLO_TIMEOUT_MS = 15_000'],
  ['chains of one epoch', '3 at once', 'collector/src/branch-id.ts', 'BRANCHES_AT_ONCE = 3', 'BRANCH_PAUSE_MS = 3_600_000'],
  ['epochs of one LCU that are known', '256', 'collector/src/poll/branch-room.ts', 'WAITS_KEPT = 256'],
  ['answers of one LCU', '512', 'collector/src/ledger/ledger-key.ts', 'ORDINAL_LIMIT = 2 ** 9', 'SLOT_MS = 300_000'],
  ['epochs of one LCU that name', '8', 'collector/src/poll/judge-lineage.ts', 'SIBLINGS = 8'],
  ['contradictions of one LCU', '4', 'collector/src/poll/contradictions.ts', 'KEPT = 4'],
  ["lines of the collector's log", '20 of each', 'collector/src/log/lcu-lines.ts', 'LINES = 20'],
  ['facts of an event', '1 KiB', 'collector/src/main/event-teller.ts', 'FACTS_BYTES = 1024'],
  ['connections at once', '8', 'agent/src/link/ws-listener.ts', 'MOST_CONNECTIONS = 8'],
  ['connections of one address', '2', 'agent/src/link/ws-listener.ts', 'MOST_OF_ONE = 2'],
  ['request of the upgrade', '10 s, 4 KiB', 'agent/src/link/ws-listener.ts', 'HANDSHAKE_MS = 10_000', 'HEADER_BYTES = 4 * 1024'],
  ['the first good poll', '30 s', 'agent/src/link/listening-link.ts', 'PROOF_MS = 30_000'],
  ['signatures for hellos', '10, then one in 5 s', 'agent/src/link/hello-budget.ts', 'OF_ONE = 10', 'ONE_EVERY_S = 5'],
  ['the same of all addresses', '20, then one a second', 'agent/src/link/hello-budget.ts', 'OF_ALL = 20', 'ALL_PER_SECOND = 1'],
  ['answer to our close frame', '2 s', 'shared/src/link/ws-bounds.ts', 'CLOSE_TIMEOUT_MS = 2_000'],
];

for (const [row, says, file, ...constants] of FIGURES) {
  test(`docs/limits.md says of "${row}" what the code does: ${says}`, (t) => {
    const values = limits.filter(([limit]) => limit?.startsWith(`| ${row}`)).map(([, value]) => value ?? '');
    t.true(
      values.some((value) => value === says || value.startsWith(`${says},`) || value.startsWith(`${says} `)),
      values.join(' / '),
    );
    const source = readFileSync(join(root, file), 'utf8');
    for (const constant of constants) t.true(source.includes(`const ${constant};`), constant);
  });
}
