import { HelloBudget } from '@farola/agent/link/hello-budget.js';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';

const told = (budget: HelloBudget, address: string): string => {
  const taken = budget.take(address);
  return taken.ok ? 'signed' : String(taken.facts['address']);
};

test('of 64 addresses it is counted at a time: a 65th waits until one is not owed anything, and the proven one never', async (t) => {
  const time = new FakeTime();
  const budget = new HelloBudget(time);
  for (let i = 0; i < 64; i++) told(budget, `10.0.0.${i}`);
  t.is(told(budget, '10.0.1.1'), '10.0.1.1');
  budget.prove('10.0.2.2');
  t.is(told(budget, '10.0.2.2'), 'signed');
  await time.advance(60_000);
  t.is(told(budget, '10.0.1.1'), 'signed');
});
