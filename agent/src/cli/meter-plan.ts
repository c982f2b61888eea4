import { FarolaError } from '@farola/shared';
import type { AgentConfig, AnalyserConfig } from '../config/config-schema.js';
import { loadEffectiveConfig } from '../config/fs-effective-config.js';
import { explainPlan } from '../meter/plan/explain-plan.js';
import type { ExplainedPlan, PlanTotal } from '../meter/plan/explain-plan.js';
import { costOfLine, USUAL_COST } from '../meter/plan/line-cost.js';
import type { LineCost } from '../meter/plan/line-cost.js';
import { planText } from '../meter/plan/plan-text.js';
import { analyserRows } from '../meter/analyser-rows.js';
import type { PlannedRow } from '../meter/analyser-rows.js';
import type { Profile } from '../meter/profile/profile.js';
import { namedProfile } from './named-profile.js';

/** What `farola-agent meter plan` is asked. */
export interface MeterPlanOptions {
  /** Ids of the analysers; all when empty. */
  readonly analysers?: readonly string[];
  /** A profile, id or file, instead of the configured analysers. */
  readonly profile?: string | undefined;
  /** One JSON object for each scan group. */
  readonly json?: boolean | undefined;
  readonly config?: string | undefined;
}

/** A plan and what it is of. */
interface Planned {
  readonly analyser: string | null;
  readonly line: string | null;
  readonly profile: string;
  /** Seconds between two passes; null where no configuration tells. */
  readonly periodS: number | null;
  readonly cost: LineCost;
  readonly plan: ExplainedPlan;
}

/**
 * Shows the requests that read each scan group of an analyser, and why they are as they are. It opens no port.
 * @throws FarolaError `config-unreadable`, `config-invalid`, `analyser-unknown`, `profile-unreadable`, `profile-invalid`,
 * `usage`
 */
export async function planMeter(options: MeterPlanOptions, out: (line: string) => void): Promise<void> {
  for (const planned of await plansOf(options)) {
    if (options.json) out(JSON.stringify(asJson(planned)));
    else [title(planned), ...planText(planned.plan)].forEach(out);
  }
}

async function plansOf({ analysers = [], profile: name, config: configPath }: MeterPlanOptions): Promise<Planned[]> {
  if (name !== undefined) {
    if (analysers.length > 0)
      throw new FarolaError('usage', { reason: '--profile plans a profile by itself, without analysers' });
    // Own profiles lie where a configuration says, if one is named.
    const profilesDir = configPath === undefined ? undefined : (await loadEffectiveConfig(configPath)).config.profilesDir;
    return [planned(await namedProfile(name, profilesDir), USUAL_COST)];
  }
  const { config, profiles } = await loadEffectiveConfig(configPath);
  const rows = analyserRows(config, profiles);
  return choose(config, analysers).flatMap((analyser) =>
    rows.filter(({ row }) => row.id === analyser.id).map((row) => planOf(row, config)),
  );
}

function planOf({ row, group, loaded: { profile } }: PlannedRow, { lines }: AgentConfig): Planned {
  const line = lines.find(({ id }) => id === row.line);
  if (!line) throw new RangeError(`analyser ${row.id} has no line`);
  const of = { analyser: row.id, line: row.line, periodS: row.periodS };
  return { ...planned(profile, costOfLine(line, profile), group.rows), ...of };
}

function planned(profile: Profile, cost: LineCost, rows?: readonly number[]): Planned {
  const plan = explainPlan(profile, cost, undefined, rows);
  return { analyser: null, line: null, profile: profile.id, periodS: null, cost, plan };
}

function choose({ analysers }: AgentConfig, ids: readonly string[]): readonly AnalyserConfig[] {
  if (ids.length === 0) return analysers;
  return ids.map((id) => {
    const analyser = analysers.find((one) => one.id === id);
    if (analyser) return analyser;
    throw new FarolaError('analyser-unknown', { analyser: id, known: analysers.map((one) => one.id).join(', ') });
  });
}

function title({ analyser, line, profile, periodS, cost }: Planned): string {
  const { byteMs, answerMs, gapMs } = cost;
  const of = analyser === null ? profile : `${analyser} (${profile} on ${line}), each ${periodS} s`;
  const bytes = byteMs === 0 ? 'bytes cost nothing' : `${byteMs.toFixed(2)} ms a byte`;
  return `${of}: ${bytes}, ${answerMs.toFixed(1)} ms to an answer, ${gapMs.toFixed(1)} ms of silence before a question`;
}

function asJson({ analyser, line, profile, periodS, cost, plan }: Planned): object {
  return {
    analyserId: analyser,
    lineId: line,
    profileId: profile,
    sampleSeconds: periodS,
    cost: { byteMs: rounded(cost.byteMs), answerMs: rounded(cost.answerMs), gapMs: rounded(cost.gapMs) },
    ...totalJson(plan),
    oneByOne: totalJson(plan.oneByOne),
    adjacentOnly: totalJson(plan.adjacentOnly),
    absent: plan.absent,
    plan: plan.plan.map(({ functionCode, address, count, quantities, holes, bytes, ms, ends }) => {
      const request = { functionCode, firstRegister: address, registerCount: count, quantities, holeCount: holes, bytes };
      return { ...request, requestMs: rounded(ms), ends };
    }),
  };
}

function totalJson({ requests, registers, bytes, ms }: PlanTotal): object {
  return { requestCount: requests, registerCount: registers, bytes, passMs: rounded(ms) };
}

/** To a hundredth of a millisecond. */
function rounded(ms: number): number {
  return Math.round(100 * ms) / 100;
}
