import { FarolaError, printable, problemOf } from '@farola/shared';
import type { AgentConfig, AnalyserConfig } from '../config/config-schema.js';
import { loadEffectiveConfig } from '../config/fs-effective-config.js';
import { explainPlan } from '../meter/plan/explain-plan.js';
import type { ExplainedPlan, PlanTotal } from '../meter/plan/explain-plan.js';
import { costOfLine, USUAL_COST } from '../meter/plan/line-cost.js';
import type { AnalyserCost, AnswerSource } from '../meter/plan/line-cost.js';
import { PlanMemory } from '../meter/plan/plan-memory.js';
import type { Refusals } from '../meter/plan/plan-memory.js';
import { planText } from '../meter/plan/plan-text.js';
import { toldRefusals } from '../meter/plan/told-refusals.js';
import type { ToldRefusal } from '../meter/plan/told-refusals.js';
import { analyserRows } from '../meter/analyser-rows.js';
import type { PlannedRow } from '../meter/analyser-rows.js';
import type { Profile, RegisterSpan } from '../meter/profile/profile.js';
import { learnedPlans } from './learned-plans.js';
import type { LearnedPlan } from './learned-plans.js';
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
  readonly cost: AnalyserCost;
  readonly plan: ExplainedPlan;
  /** What the device refused of it, as the running agent was taught. */
  readonly refusals: readonly ToldRefusal[];
  /** Why what the running agent learned cannot be read. */
  readonly problem?: FarolaError | undefined;
}

/**
 * Shows the requests that read each scan group of an analyser, and why they are as they are: by what the running agent learned, where one runs.
 * It opens no port.
 * @throws FarolaError `config-unreadable`, `config-invalid`, `analyser-unknown`, `profile-unreadable`, `profile-invalid`,
 * `usage`
 */
export async function planMeter(options: MeterPlanOptions, out: (line: string) => void): Promise<void> {
  for (const planned of await plansOf(options)) {
    if (options.json) out(JSON.stringify(asJson(planned)));
    else text(planned).forEach(out);
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
  const learned = learnedPlans(config.runDir);
  return choose(config, analysers).flatMap((analyser) =>
    rows
      .filter(({ row }) => row.id === analyser.id)
      .map((row) => ({ ...planOf(row, config, learned.of(row)), problem: learned.problem })),
  );
}

function planOf(
  { row, group, loaded: { profile } }: PlannedRow,
  { lines }: AgentConfig,
  { answerMs, refusals }: Partial<LearnedPlan> = {},
): Planned {
  const line = lines.find(({ id }) => id === row.line);
  if (!line) throw new RangeError(`analyser ${row.id} has no line`);
  const of = { analyser: row.id, line: row.line, periodS: row.periodS };
  const plan = planned(profile, costOfLine(line, profile, answerMs), group.rows, refusals);
  return { ...plan, ...of, refusals: refusals ? toldRefusals(profile, refusals, group.rows) : [] };
}

function planned(profile: Profile, cost: AnalyserCost, rows?: readonly number[], refusals?: Refusals): Planned {
  const plan = explainPlan(profile, cost, refusals && new PlanMemory(refusals), rows);
  return { analyser: null, line: null, profile: profile.id, periodS: null, cost, plan, refusals: [] };
}

function choose({ analysers }: AgentConfig, ids: readonly string[]): readonly AnalyserConfig[] {
  if (ids.length === 0) return analysers;
  return ids.map((id) => {
    const analyser = analysers.find((one) => one.id === id);
    if (analyser) return analyser;
    throw new FarolaError('analyser-unknown', { analyser: id, known: analysers.map((one) => one.id).join(', ') });
  });
}

/** From where the time to an answer is. */
const FROM: Readonly<Record<AnswerSource, string>> = {
  learned: 'learned by the running agent',
  profile: 'as its profile says',
  usual: 'as is usual',
};

function text(planned: Planned): string[] {
  const { plan, refusals, problem } = planned;
  const unread = problem ? [`  what the running agent learned cannot be read: ${printable(problem.message)}`] : [];
  return [title(planned), ...planText(plan, refusals), ...unread];
}

function title({ analyser, line, profile, periodS, cost }: Planned): string {
  const { byteMs, answerMs, gapMs, answerFrom } = cost;
  const of = analyser === null ? profile : `${analyser} (${profile} on ${line}), each ${periodS} s`;
  const bytes = byteMs === 0 ? 'bytes cost nothing' : `${byteMs.toFixed(2)} ms a byte`;
  const answer = `${answerMs.toFixed(1)} ms to an answer, ${FROM[answerFrom]}`;
  return `${of}: ${bytes}, ${answer}, ${gapMs.toFixed(1)} ms of silence before a question`;
}

function asJson({ analyser, line, profile, periodS, cost, plan, refusals, problem }: Planned): object {
  return {
    analyserId: analyser,
    lineId: line,
    profileId: profile,
    sampleSeconds: periodS,
    cost: {
      byteMs: rounded(cost.byteMs),
      answerMs: rounded(cost.answerMs),
      gapMs: rounded(cost.gapMs),
      answerFrom: cost.answerFrom,
    },
    ...totalJson(plan),
    oneByOne: totalJson(plan.oneByOne),
    adjacentOnly: totalJson(plan.adjacentOnly),
    absent: plan.absent,
    refusals: refusals.map(refusalJson),
    learnedProblem: problem ? problemOf(problem) : null,
    plan: plan.plan.map(({ functionCode, address, count, quantities, holes, bytes, ms, ends }) => {
      const request = { functionCode, firstRegister: address, registerCount: count, quantities, holeCount: holes, bytes };
      return { ...request, requestMs: rounded(ms), ends };
    }),
  };
}

function refusalJson({ functionCode, exception, quantities, holes, cuts, ...span }: ToldRefusal): object {
  return { functionCode, ...spanJson(span), exception, quantities, notReadAlong: holes.map(spanJson), readApartAt: cuts };
}

function spanJson({ from, to }: RegisterSpan): object {
  return { firstRegister: from, registerCount: to - from };
}

function totalJson({ requests, registers, bytes, ms }: PlanTotal): object {
  return { requestCount: requests, registerCount: registers, bytes, passMs: rounded(ms) };
}

/** To a hundredth of a millisecond. */
function rounded(ms: number): number {
  return Math.round(100 * ms) / 100;
}
