import { type LineSink, logOutput } from '@farola/shared';
import test from 'ava';

/** What a disk, or a reader, has taken, and what it does with the next write: an error by its code, or how many bytes it takes at most. */
function scene() {
  const medium = {
    text: '',
    fails: undefined as string | undefined,
    room: Infinity,
    writes: 0,
    waitedMs: 0,
    back: [] as [number, string][],
  };
  const write = (bytes: Uint8Array): number => {
    medium.writes++;
    if (medium.fails !== undefined || medium.room === 0) throw Object.assign(new Error('x'), { code: medium.fails ?? 'ENOSPC' });
    const taken = Math.min(bytes.length, medium.room);
    medium.room -= taken;
    medium.text += Buffer.from(bytes.subarray(0, taken)).toString();
    return taken;
  };
  const output: LineSink = logOutput({
    write,
    wait: (ms) => (medium.waitedMs += ms),
    onBack: (lost, reason) => {
      medium.back.push([lost, reason]);
      output.write(`${lost} lost\n`);
    },
  });
  return { medium, output };
}

for (const code of ['ENOSPC', 'EPIPE', 'EIO', 'EBADF']) {
  test(`lines that ${code} keeps from being written are dropped, and told with the first that is not`, (t) => {
    const { medium, output } = scene();
    output.write('one\n');
    medium.fails = code;
    for (let line = 0; line < 3; line++) t.notThrows(() => output.write('gone\n'));
    medium.fails = undefined;
    output.write('two\n');
    output.write('three\n');
    t.is(medium.text, 'one\ntwo\n3 lost\nthree\n');
    t.deepEqual(medium.back, [[3, code]]);
  });
}

test('a line that was cut off where the disk was full does not run into the next', (t) => {
  const { medium, output } = scene();
  medium.room = 7;
  output.write('one\n');
  output.write('two, and more\n');
  medium.room = Infinity;
  output.write('three\n');
  t.is(medium.text, 'one\ntwo\nthree\n1 lost\n');
});

test('a line that is taken in pieces is written whole', (t) => {
  const { medium, output } = scene();
  const write = (bytes: Uint8Array): number => {
    medium.text += Buffer.from(bytes.subarray(0, 2)).toString();
    return Math.min(2, bytes.length);
  };
  logOutput({ write, onBack: () => t.fail() }).write('pieces\n');
  t.is(medium.text, 'pieces\n');
  t.is(output.write('x\n'), undefined);
});

test('a reader that stands still is waited for once, a tenth of a second, and not again', (t) => {
  const { medium, output } = scene();
  medium.fails = 'EAGAIN';
  output.write('one\n');
  t.is(medium.waitedMs, 100);
  for (let line = 0; line < 10; line++) output.write('gone\n');
  t.is(medium.waitedMs, 100);
  medium.fails = undefined;
  output.write('two\n');
  t.deepEqual(medium.back, [[11, 'EAGAIN']]);
  medium.fails = 'EAGAIN';
  output.write('three\n');
  t.is(medium.waitedMs, 200, 'it had taken something');
});
