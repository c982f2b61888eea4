import test from 'ava';
import { openRig } from '../../fakes/collector-rig.js';
import { testSigner } from '../../fakes/test-signer.js';

const CONNECTIONS = 50;
/** With each connection; of one LCU the newest 1000 are kept to be read. */
const EVENTS = 20;

test('an LCU with a good key that floods its collector with events and frames writes few lines a minute', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  const honest = rig.simulate('malaga-0043', 3);
  const known = rig.enrol('malaga-0042', testSigner(2));
  rig.enrol('malaga-0043', testSigner(3));
  for (let connection = 0; connection < CONNECTIONS; connection++) {
    for (let i = 0; i < EVENTS; i++) {
      lcu.append({ kind: 'event', at: rig.time.now(), code: 'stop', facts: [new Uint8Array(4000), connection] });
    }
    const channel = rig.connect(lcu);
    await rig.time.advance(1000);
    for (let stray = 0; stray < 8; stray++) channel.deliver(Uint8Array.of(0));
    channel.close('replaced');
  }
  rig.connect(honest);
  await rig.time.advance(1000);

  const linesOf = (lcuId: string) => rig.log.filter(({ fields }) => fields['lcu'] === lcuId);
  const counted = new Map<string, number>();
  for (const { message } of linesOf('malaga-0042')) counted.set(message, (counted.get(message) ?? 0) + 1);
  t.deepEqual(
    [...counted.values()].filter((count) => count > 20),
    [],
    JSON.stringify([...counted]),
  );
  t.like(Object.fromEntries(counted), { 'event': 20, 'frame refused': 20, 'LCU connected': 20, 'LCU disconnected': 20 });
  const bytes = Buffer.byteLength(JSON.stringify(linesOf('malaga-0042')));
  t.log(`${linesOf('malaga-0042').length} lines, ${bytes} bytes`);
  t.true(bytes < 64 * 1024);
  t.is(linesOf('malaga-0043').length, 1, 'another LCU is told as ever');

  rig.lines.flush();
  const { fields, message } = linesOf('malaga-0042').at(-1)!;
  t.is(message, 'more lines of an LCU');
  t.like(fields, {
    leftOut: {
      'event': CONNECTIONS * EVENTS - 20,
      'frame refused': CONNECTIONS * 8 - 20,
      'LCU connected': CONNECTIONS - 20,
      'LCU disconnected': CONNECTIONS - 20,
    },
  });

  rig.writer.flush();
  t.is(rig.state.derived.events(0, known.lcuNo).length, CONNECTIONS * EVENTS, 'every event can be read');
});
