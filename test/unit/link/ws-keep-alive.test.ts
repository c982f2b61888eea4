import { EventEmitter } from 'node:events';
import { IdleTime } from '@farola/agent/link/idle-time.js';
import { keepAlive } from '@farola/agent/link/ws-keep-alive.js';
import type { ErrorCode } from '@farola/shared';
import test from 'ava';
import type WebSocket from 'ws';
import { FakeTime } from '../../fakes/fake-time.js';

/** A ws connection whose other side is as deaf as a test wants. */
class FakeWs extends EventEmitter {
  pings = 0;
  terminated = false;
  deaf = false;

  ping(): void {
    this.pings++;
    if (!this.deaf) this.emit('pong');
  }

  terminate(): void {
    this.terminated = true;
  }
}

function watched(idlePingMs = 600_000) {
  const time = new FakeTime();
  const ws = new FakeWs();
  const warned: ErrorCode[] = [];
  const idle = new IdleTime(idlePingMs);
  const alive = keepAlive(ws as unknown as WebSocket, {
    idle,
    clock: time,
    timers: time,
    warn: (code) => warned.push(code),
  });
  return { time, ws, warned, alive, idle };
}

test('polls are heartbeat enough: nothing is pinged', async (t) => {
  const { time, ws } = watched();
  for (let i = 0; i < 20; i++) {
    await time.advance(300_000);
    ws.emit('message');
  }
  t.is(ws.pings, 0);
});

test('a silent connection is pinged once in the idle time, and stays when it answers', async (t) => {
  const { time, ws } = watched();
  await time.advance(599_999);
  t.is(ws.pings, 0);
  await time.advance(1);
  t.is(ws.pings, 1);
  await time.advance(3 * 630_000);
  t.true(ws.pings <= 4);
  t.false(ws.terminated);
});

test('a connection that answers no ping is ended with its code', async (t) => {
  const { time, ws, warned } = watched();
  ws.deaf = true;
  await time.advance(600_000 + 30_000);
  t.true(ws.terminated);
  t.deepEqual(warned, ['connection-idle']);
});

test('a connection that answered no ping after a silence is followed by one that is pinged sooner', async (t) => {
  const { time, ws, idle } = watched();
  ws.deaf = true;
  await time.advance(600_000 + 30_000);
  idle.dialled(time.now().monoMs + 1_000);
  t.is(idle.ms(time.now().monoMs + 1_000), 300_000);
});

test('stopping leaves no timer', (t) => {
  const { time, alive } = watched();
  alive.stop();
  t.is(time.pending, 0);
});
