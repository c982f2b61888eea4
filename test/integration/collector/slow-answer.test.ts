import test from 'ava';
import type { SampleEntry } from '@farola/shared';
import { DEADLINE_MS, openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { testSigner } from '../../fakes/test-signer.js';

const ID = 'malaga-0042';

for (const rounds of [1, 2, 4]) {
  test(`an LCU that hung for ${rounds} rounds spoils those: its late answers are told as late, and the poll after them takes its own`, async (t) => {
    const rig = await openRig(t);
    const lcu = rig.simulate(ID, 2);
    const enrolled = rig.enrol(ID, testSigner(2));
    let hangs = false;
    const held: Uint8Array[] = [];
    const channel = rig.connect(lcu, (frame) => {
      if (!hangs) return lcu.receive(frame);
      held.push(frame);
      return undefined;
    });
    await rig.time.advance(1_000);
    t.is(rig.contact(enrolled)?.verdict, 'ok');

    hangs = true;
    await rig.time.advance(ROUND_MS);
    await rig.time.advance(DEADLINE_MS);
    t.is(rig.contact(enrolled)?.verdict, 'answer-missing');
    const sample: SampleEntry = { kind: 'sample', at: rig.time.now(), analyser: 0, spanMs: 1, status: 'complete', values: [1] };
    lcu.append(sample);
    while (held.length < rounds + 1) await rig.time.advance(1_000);
    const refused = rig.contact(enrolled)?.answersRefused;
    for (const frame of held) channel.deliver(lcu.receive(frame)!);
    await rig.time.advance(1_000);
    t.like(rig.contact(enrolled), { verdict: 'ok', answersRefused: refused });
    const codes = rig.log.map(({ fields }) => fields['code']).filter((code) => code !== undefined);
    t.deepEqual(codes, [...Array<string>(rounds).fill('answer-missing'), ...Array<string>(rounds).fill('answer-late')]);
    t.is(rig.stored(enrolled).length, 2);
    await rig.close();
  });
}
