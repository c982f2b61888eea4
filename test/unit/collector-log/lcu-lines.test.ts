import { LcuLines } from '@farola/collector/log/lcu-lines.js';
import test from 'ava';

type Line = readonly [level: string, fields: object, message: string];

function logged() {
  const lines: Line[] = [];
  const at = (level: string) => (fields: object, message: string) => void lines.push([level, fields, message]);
  return { lines, log: new LcuLines({ info: at('info'), warn: at('warn'), error: at('error') }) };
}

test('of each message of an LCU twenty lines are written, and the others counted in one line for each LCU', (t) => {
  const { lines, log } = logged();
  for (let i = 0; i < 100; i++) {
    log.info({ lcu: 'malaga-0042', i }, 'event');
    log.warn({ lcu: 'malaga-0042', i }, 'frame refused');
    if (i < 25) log.error({ lcu: 'malaga-0043' }, 'poll failed');
  }
  t.is(lines.length, 60);
  log.flush();
  t.deepEqual(lines.slice(60), [
    ['warn', { lcu: 'malaga-0042', leftOut: { 'event': 80, 'frame refused': 80 } }, 'more lines of an LCU'],
    ['warn', { lcu: 'malaga-0043', leftOut: { 'poll failed': 5 } }, 'more lines of an LCU'],
  ]);
  log.flush();
  log.info({ lcu: 'malaga-0042' }, 'event');
  t.is(lines.length, 63, 'another minute begins');
});

test('lines that are about no LCU, and other messages of one that said much, are written as they come', (t) => {
  const { lines, log } = logged();
  for (let i = 0; i < 100; i++) {
    log.info({ i }, 'collector runs');
    log.warn({ lcu: undefined }, 'frame refused');
    log.info({ lcu: 'malaga-0042' }, 'event');
  }
  log.error({ lcu: 'malaga-0042', code: 'chain-fork' }, 'LCU quarantined');
  t.is(lines.length, 100 + 100 + 20 + 1);
  t.deepEqual(lines.at(-1), ['error', { lcu: 'malaga-0042', code: 'chain-fork' }, 'LCU quarantined']);
});
