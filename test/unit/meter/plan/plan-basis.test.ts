import { costOfLine, learnsAnswers } from '@farola/agent/meter/plan/line-cost.js';
import { PlanBasis } from '@farola/agent/meter/plan/plan-basis.js';
import { agentConfigSchema } from '@farola/agent/config.js';
import test from 'ava';

const { lines } = agentConfigSchema.parse({
  lines: [
    { id: 'bus', transport: 'rtu', path: '/dev/x', baud: 9_600 },
    { id: 'net', transport: 'modbus-tcp', host: '192.0.2.1' },
    { id: 'through', transport: 'rtu-over-tcp', host: '192.0.2.1', port: 4_001 },
  ],
  analysers: [{ id: 'mains', line: 'bus', unit: 1, profile: 'janitza-umg96rm' }],
});
const [bus, net, through] = lines.map((line) => line);
const plain = { minGapMs: 0, timeoutMs: {} };

/** A basis whose line has learned this much. */
function learning() {
  const line = { ms: undefined as number | undefined };
  const basis = new PlanBasis({ costOf: (learnedMs) => costOfLine(bus!, plain, learnedMs), learnedMs: () => line.ms });
  const after = (ms: number): number | undefined => {
    line.ms = ms;
    basis.refresh();
    return basis.learnedMs;
  };
  return { basis, after };
}

test('what an analyser takes is what was learned of it, before that what its profile says, and else what is usual', (t) => {
  const profile = { minGapMs: 0, timeoutMs: { typical: 20 } };
  t.like(costOfLine(bus!, plain), { answerFrom: 'usual' });
  t.like(costOfLine(bus!, profile), { answerFrom: 'profile' });
  t.is(Math.round(costOfLine(bus!, plain).answerMs - costOfLine(bus!, profile).answerMs), 20);
  t.like(costOfLine(bus!, profile, 7), { answerFrom: 'learned', answerMs: 7 });
  t.like(costOfLine(net!, profile, 7), { answerFrom: 'learned', answerMs: 7, byteMs: 0 });
});

test('an analyser that answers at once costs more than nothing', (t) => {
  t.true(costOfLine(net!, plain, 0).answerMs > 0);
});

test('nothing is learned where the bytes of the serial line are inside', (t) => {
  t.deepEqual([bus!, net!, through!].map(learnsAnswers), [true, true, false]);
});

test('a plan is made by what was learned as soon as there is something, and anew when that is otherwise by a quarter', (t) => {
  const { basis, after } = learning();
  basis.refresh();
  t.is(basis.learnedMs, undefined);
  const steps = [40, 49, 32.5, 51, 45, 40].map(after);
  t.deepEqual(steps, [40, 40, 40, 51, 51, 40]);
});

test('a millisecond is never enough', (t) => {
  const { after } = learning();
  t.deepEqual([0.4, 1.3, 1.5].map(after), [0.4, 0.4, 1.5]);
});

test('the cost stays the same object until another is taken', (t) => {
  const { basis, after } = learning();
  after(40);
  const { cost } = basis;
  after(41);
  t.is(basis.cost, cost);
  after(80);
  t.not(basis.cost, cost);
});
