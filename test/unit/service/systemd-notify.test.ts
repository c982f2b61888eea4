import { fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { isJournal, journalPrefix, systemdServiceManager } from '@farola/shared';
import { openNotifySocket } from '../../fakes/notify-socket.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const never = (error: Error): void => {
  throw error;
};

test('a manager at a real notify socket is told in order, and what waits goes out as one', async (t) => {
  const socket = await openNotifySocket(t);
  const manager = systemdServiceManager({ NOTIFY_SOCKET: socket.path }, never);
  manager.tell({ ready: true, status: 'ready' });
  manager.tell({ alive: true, status: 'first' });
  manager.tell({ moreTimeMs: 1_500, status: 'two\nREADY=1' });
  await manager.told();
  manager.tell({ stopping: true });
  await manager.told();
  t.deepEqual(socket.messages, [
    ['READY=1', 'STATUS=ready'],
    ['WATCHDOG=1', 'EXTEND_TIMEOUT_USEC=1500000', 'STATUS=two READY=1'],
    ['STOPPING=1'],
  ]);
});

test('without a manager nobody is told', async (t) => {
  const send = (): Promise<void> => Promise.reject(new Error('called'));
  const manager = systemdServiceManager({}, never, send);
  manager.tell({ ready: true });
  await manager.told();
  t.is(manager.watchdogMs, undefined);
});

test('a manager that cannot be told is reported once until it can', async (t) => {
  const failures: string[] = [];
  const outcomes = [true, true, false, true];
  const send = (): Promise<void> => (outcomes.shift() ? Promise.reject(new Error('gone')) : Promise.resolve());
  const manager = systemdServiceManager({ NOTIFY_SOCKET: '/x' }, (error) => failures.push(error.message), send);
  for (let i = 0; i < 4; i++) {
    manager.tell({ alive: true });
    await manager.told();
  }
  t.deepEqual(failures, ['gone', 'gone']);
});

test('a socket that nobody holds fails the message and not the program', async (t) => {
  const failures: Error[] = [];
  const path = join(temporaryFolder(t), 'nobody');
  const manager = systemdServiceManager({ NOTIFY_SOCKET: path }, (error) => failures.push(error));
  manager.tell({ ready: true });
  await manager.told();
  t.is(failures.length, 1);
});

for (const [title, variables, expected] of [
  ['of this process', { WATCHDOG_USEC: '180000000', WATCHDOG_PID: String(process.pid) }, 180_000],
  ['of no process named', { WATCHDOG_USEC: '500000' }, 500],
  ['of another process', { WATCHDOG_USEC: '180000000', WATCHDOG_PID: '1' }, undefined],
  ['that is no number', { WATCHDOG_USEC: 'soon' }, undefined],
  ['that is off', { WATCHDOG_USEC: '0' }, undefined],
  ['that is not there', {}, undefined],
] as const) {
  test(`a watchdog ${title} asks every ${expected ?? '-'} ms`, (t) => {
    t.is(systemdServiceManager({ NOTIFY_SOCKET: '/x', ...variables }, never).watchdogMs, expected);
  });
}

test('the journal is known by device and inode of the stream', (t) => {
  const fd = openSync(join(temporaryFolder(t), 'stream'), 'w');
  const { dev, ino } = fstatSync(fd, { bigint: true });
  t.true(isJournal(fd, `${dev}:${ino}`));
  t.false(isJournal(fd, `${dev}:${ino + 1n}`));
  t.false(isJournal(fd, undefined));
  t.false(isJournal(9_999, `${dev}:${ino}`));
  t.deepEqual((['error', 'warn', 'info', 'debug'] as const).map(journalPrefix), ['<3>', '<4>', '<6>', '<7>']);
});
