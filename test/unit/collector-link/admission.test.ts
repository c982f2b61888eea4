import { Admission, STRANGER_LIMITS, type Stranger } from '@farola/collector/link/admission.js';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';

const LIMITS = { most: 6, mostPerAddress: 3, perSecond: 4, perSecondPerAddress: 2 };

function open(limits = LIMITS) {
  const time = new FakeTime();
  const admission = new Admission(limits, time);
  const inside: Stranger[] = [];
  const dial = (address: string): string => {
    const admitted = admission.admit(address);
    if (!admitted.ok) return `${admitted.code} ${admitted.facts['address']}`;
    inside.push(admitted.value);
    return 'in';
  };
  return { time, admission, inside, dial };
}

test('lets so many strangers of one address in, and others of other addresses beside them', (t) => {
  const { dial } = open();
  t.deepEqual(['a', 'a', 'a', 'a', 'b'].map(dial), ['in', 'in', 'in', 'strangers-full a', 'in']);
});

test('lets so many strangers in altogether', (t) => {
  const { dial } = open();
  t.deepEqual(['a', 'a', 'b', 'b', 'c', 'c', 'd'].map(dial), [
    'in',
    'in',
    'in',
    'in',
    'in',
    'in',
    'strangers-full all addresses',
  ]);
});

test('who has proven itself or is gone counts no more, and only once', async (t) => {
  const { dial, inside, admission, time } = open();
  for (let i = 0; i < 3; i++) dial('a');
  inside[0]!.leave();
  inside[0]!.leave();
  t.is(admission.strangers, 2);
  await time.advance(1000);
  t.deepEqual(['a', 'a'].map(dial), ['in', 'strangers-full a']);
});

test('new connections of one address come no faster than its bound, though all leave at once', async (t) => {
  const { dial, inside, time } = open();
  const come = (address: string): string => {
    const said = dial(address);
    inside.at(-1)?.leave();
    return said;
  };
  t.deepEqual(['a', 'a', 'a', 'a'].map(come), ['in', 'in', 'in', 'strangers-too-fast a']);
  await time.advance(500);
  t.deepEqual(['a', 'a'].map(come), ['in', 'strangers-too-fast a']);
});

test('new connections of all addresses come no faster than theirs', async (t) => {
  const { dial, inside, time } = open();
  const come = (address: string): string => {
    const said = dial(address);
    inside.at(-1)?.leave();
    return said;
  };
  for (const address of 'abcdef') t.is(come(address), 'in');
  t.is(come('g'), 'strangers-too-fast all addresses');
  await time.advance(250);
  t.is(come('h'), 'in');
});

test('IPv6 addresses of one network are one place', (t) => {
  const { dial } = open();
  const from = (host: number): string => dial(`2001:db8::${host}`);
  t.deepEqual([1, 2, 3, 4].map(from), ['in', 'in', 'in', 'strangers-full 2001:db8:0:0::/64']);
});

test('addresses that are gone are forgotten: memory does not grow with those that ever came', async (t) => {
  const { dial, inside, admission, time } = open();
  for (let i = 0; i < 5000; i++) {
    t.is(dial(`10.0.${i >> 8}.${i & 255}`), 'in');
    inside.pop()!.leave();
    await time.advance(500);
  }
  t.true(admission.places <= 2 * LIMITS.most, `${admission.places} places`);
});

test('an address that came too fast is not forgotten for others that come in between', async (t) => {
  const { dial, inside, time } = open({ ...LIMITS, perSecond: 1_000_000, perSecondPerAddress: 0.001 });
  const comeAndGo = (address: string): string => {
    const told = dial(address);
    inside.pop()?.leave();
    return told;
  };
  for (let i = 0; i < 3; i++) t.is(comeAndGo('a'), 'in');
  for (let i = 0; i < 100; i++) {
    comeAndGo(`b${i}`);
    await time.advance(1);
  }
  t.is(comeAndGo('a'), 'strangers-too-fast a');
});

test('a fleet of 5000 behind one address is let in within a minute, each as soon as another is greeted', async (t) => {
  const { dial, inside, time } = open(STRANGER_LIMITS);
  let greeted = 0;
  let seconds = 0;
  for (; greeted < 5000; seconds++) {
    for (let i = 0; i < 400; i++) if (dial('192.0.2.1') === 'in') greeted++;
    for (const stranger of inside.splice(0)) stranger.leave();
    await time.advance(1000);
  }
  t.true(seconds <= 60, `${seconds} s`);
});
