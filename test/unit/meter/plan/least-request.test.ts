import { leastRequest } from '@farola/agent/meter/plan/least-request.js';
import { PlanTerms } from '@farola/agent/meter/plan/plan-terms.js';
import { readProfiles, SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import test from 'ava';

const { profiles } = await readProfiles([SHIPPED_PROFILES]);
const NONE: ReadonlySet<number> = new Set();

for (const [id, { profile }] of profiles) {
  test(`a probe of ${id} asks for no more than four registers, whatever its blocks are`, (t) => {
    const least = leastRequest(new PlanTerms(profile), () => NONE);
    t.true(least !== undefined && least.count <= 4, JSON.stringify(least));
  });

  test(`a probe of ${id} asks for another number of registers than what is owed, while there is one`, (t) => {
    const terms = new PlanTerms(profile);
    const owed = new Set<number>();
    for (let probes = 0; probes < 8; probes++) {
      const least = leastRequest(terms, () => owed);
      if (!least) {
        t.true(probes > 0);
        break;
      }
      t.false(owed.has(least.count));
      t.is(terms.obstacle({ from: least.address, to: least.address + least.count }, least.functionCode), undefined);
      owed.add(least.count);
    }
  });
}
