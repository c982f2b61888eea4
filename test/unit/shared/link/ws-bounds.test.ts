import { EventEmitter } from 'node:events';
import { boundControls, CONTROLS_A_MINUTE } from '@farola/shared';
import test from 'ava';
import { FakeTime } from '../../../fakes/fake-time.js';

function bounded() {
  const clock = new FakeTime();
  const ws = new EventEmitter();
  let floods = 0;
  boundControls(ws, clock, () => floods++);
  return { clock, ws, floods: () => floods };
}

test('pings and pongs are counted together, and a minute brings as many again', async (t) => {
  const { clock, ws, floods } = bounded();
  const most = (): void => {
    for (let i = 0; i < CONTROLS_A_MINUTE; i++) ws.emit(i % 2 === 0 ? 'ping' : 'pong');
  };
  most();
  await clock.advance(60_000);
  most();
  t.is(floods(), 0);
  ws.emit('pong');
  t.is(floods(), 1);
});

test('a flood is told once, however many more frames were received with it', async (t) => {
  const { clock, ws, floods } = bounded();
  for (let i = 0; i < 500; i++) ws.emit('ping');
  await clock.advance(60_000);
  for (let i = 0; i < 500; i++) ws.emit('ping');
  t.is(floods(), 1);
});
