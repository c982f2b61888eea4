import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import type { LcuState } from '@farola/collector/fleet/fleet.js';
import { CONDITIONS } from '@farola/collector/status/conditions.js';
import { EVENT_CODES, SAMPLE_STATUS } from '@farola/shared';
import { groupsOf } from '#scripts/docs/errors-doc.js';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const text = readFileSync(join(root, 'docs/operations.md'), 'utf8');

/** The rows of the first table of a section: the codes of the first cell, and the other cells. */
function table(section: string): { codes: string[]; cells: string[] }[] {
  const [, body = ''] = text.split(`\n## ${section}\n`);
  const [own = ''] = body.split('\n## ');
  return [...own.matchAll(/^\| (`.*?) \|(.*)\|$/gm)].map(([, first = '', rest = '']) => {
    return {
      codes: [...first.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code),
      cells: rest.split(' | ').map((cell) => cell.trim()),
    };
  });
}

const codesOf = (section: string): string[] => table(section).flatMap(({ codes }) => codes);

test('each state of an LCU is told once', (t) => {
  const states: Record<LcuState, true> = {
    invited: true,
    pending: true,
    active: true,
    quarantined: true,
    revoked: true,
    retired: true,
  };
  t.deepEqual(codesOf('States').toSorted(), Object.keys(states).toSorted());
});

test('each condition is told as the code has it, in its order', (t) => {
  t.deepEqual(
    table('What is wrong').map(({ codes, cells }) => [...codes, ...cells]),
    Object.entries(CONDITIONS).map(([code, { what, todo }]) => [
      code,
      what,
      todo.replaceAll('{lcu}', 'LCU').replaceAll('{hash}', 'HASH'),
    ]),
  );
});

test('each verdict on an answer is told once, and each has something to do', (t) => {
  const groups = groupsOf(readFileSync(join(root, 'shared/src/errors.ts'), 'utf8'));
  const judged = [...groups].filter(([, group]) => group === 'envelope' || group.startsWith('verdicts on an answer'));
  t.true(judged.length > 25);
  const others = ['ok', 'lcu-not-connected', 'disk-failure', 'ledger-corrupt', 'internal'];
  t.deepEqual(codesOf('Verdicts').toSorted(), [...others, ...judged.map(([code]) => code)].toSorted());
  for (const { codes, cells } of table('Verdicts'))
    t.true(cells.length === 2 && cells.every((cell) => cell !== ''), codes.join());
});

test('each status of a sample is told once, and each has something to do', (t) => {
  t.deepEqual(codesOf('How a reading went').toSorted(), Object.keys(SAMPLE_STATUS).toSorted());
  for (const { cells } of table('How a reading went')) t.true(cells.length === 2 && cells.every((cell) => cell !== ''));
});

test('each event is told once', (t) => {
  t.deepEqual(
    codesOf('Events').toSorted(),
    [...Object.keys(EVENT_CODES), 'unknown', 'ledger-damaged', 'ledger-incomplete'].toSorted(),
  );
});
