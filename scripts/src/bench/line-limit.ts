import type { LineConfig } from '@farola/agent/config.js';
import { byteMsOf, timingOf, unitTimingOf } from '@farola/agent/meter/line/line-timing.js';
import { planBlocks } from '@farola/agent/meter/plan/block-plan.js';
import type { Block } from '@farola/agent/meter/plan/block.js';
import { costOfLine, requestMs, serialCost } from '@farola/agent/meter/plan/line-cost.js';
import { PlanTerms } from '@farola/agent/meter/plan/plan-terms.js';
import type { Profile } from '@farola/agent/meter/profile/profile.js';

/** Silence before a question to the unit that was asked last, ms: that of the bus, or what the model needs. */
export function gapMsOf(line: LineConfig, profile: Profile): number {
  return Math.max(timingOf(line).gapMs, unitTimingOf(line, profile).minGapMs);
}

/**
 * What a pass over these models takes at least with the requests that are planned for them: silence, question, silence, the slave's
 * latency, answer, and so on without a pause, ms.
 */
export function limitMsOf(line: LineConfig, profiles: readonly Profile[], latencyMs: number): number {
  const bus = serialCost(byteMsOf(line), latencyMs);
  const busGapMs = timingOf(line).gapMs;
  let sumMs = 0;
  for (const profile of profiles) {
    const gapMs = gapMsOf(line, profile);
    for (const [index, { count }] of planBlocks(profile, { cost: costOfLine(line, profile) }).entries()) {
      const isAfterAnother = index === 0 && profiles.length > 1;
      sumMs += requestMs(count, { ...bus, gapMs: isAfterAnother ? busGapMs : gapMs });
    }
  }
  return sumMs;
}

/** A request for each row. */
export function oneByOne(profile: Profile): Block[] {
  const terms = new PlanTerms(profile);
  return terms.items.flatMap((item) => {
    const block = terms.request([item]);
    return typeof block === 'string' ? [] : [block];
  });
}

/** Requests that read rows together which are neighbours, and no others. */
export function adjacentOnly(profile: Profile): Block[] {
  return planBlocks({ ...profile, maxHoleRegisters: 0 });
}
