import { LineQueue } from '@farola/agent/meter/line/line-queue.js';
import test from 'ava';

const READY = () => 0;

/** Everything that a queue gives, in its order. */
function drain(queue: LineQueue<string>): string[] {
  const items: string[] = [];
  for (let next = queue.next(0, READY); 'item' in next; next = queue.next(0, READY)) items.push(next.item);
  return items;
}

test('within one priority what came first is served first', (t) => {
  const queue = new LineQueue<string>();
  for (const item of ['a', 'b', 'c']) queue.add(item, 'sample');
  t.deepEqual(drain(queue), ['a', 'b', 'c']);
});

test('a person goes before samples, and samples before what may wait', (t) => {
  const queue = new LineQueue<string>();
  queue.add('spare', 'spare');
  queue.add('sample', 'sample');
  queue.add('person', 'person');
  t.deepEqual(drain(queue), ['person', 'sample', 'spare']);
});

test('nothing is passed over more than eight times', (t) => {
  const queue = new LineQueue<string>();
  queue.add('spare', 'spare');
  const served: string[] = [];
  for (let turn = 0; !served.includes('spare'); turn++) {
    queue.add(`sample ${turn}`, 'sample');
    const next = queue.next(0, READY);
    if ('item' in next) served.push(next.item);
  }
  t.is(served.length, 9);
});

test('what is not ready holds nobody up, and is not forgotten', (t) => {
  const queue = new LineQueue<string>();
  queue.add('later', 'person');
  queue.add('now', 'spare');
  const readyAt = (item: string) => (item === 'later' ? 50 : 0);
  t.deepEqual(queue.next(10, readyAt), { item: 'now' });
  t.deepEqual(queue.next(10, readyAt), { waitUntilMs: 50 });
  t.deepEqual(queue.next(50, readyAt), { item: 'later' });
  t.deepEqual(queue.next(50, readyAt), { waitUntilMs: Infinity });
});

test('what is taken out is not served', (t) => {
  const queue = new LineQueue<string>();
  queue.add('a', 'sample');
  queue.add('b', 'sample');
  t.true(queue.remove('a'));
  t.false(queue.remove('a'));
  t.deepEqual(queue.clear(), ['b']);
  t.is(queue.length, 0);
});
