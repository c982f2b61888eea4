import { parseAgentConfig } from '@farola/agent/config.js';
import type { AgentConfig, LineConfig } from '@farola/agent/config.js';
import { lineAdapters } from '@farola/agent/meter/line/line-adapters.js';
import { timingOf } from '@farola/agent/meter/line/line-timing.js';
import { openMeter } from '@farola/agent/meter/meter.js';
import type { Profile } from '@farola/agent/meter/profile/profile.js';
import type { Profiles } from '@farola/agent/meter/profile/profile-file.js';
import { systemClock, systemTimers } from '@farola/shared';
import { encodeRegisters } from '@farola/agent/meter/tool/simulate/simulated-registers.js';
import { adjacentOnly, gapMsOf, limitMsOf, oneByOne } from './line-limit.js';
import { measureLibmodbus, measureReads, openClient, readBlocks } from './line-reads.js';
import { startPacedLine } from './paced-line.js';
import type { LineGaps } from './paced-line.js';

/** What is measured on one line. */
export interface LineCaseOptions {
  readonly baud: number;
  readonly latencyMs: number;
  /** Passes over the analysers that are counted. */
  readonly passes: number;
  /** Reads of 60 registers that are counted. */
  readonly reads: number;
  readonly profiles: Profiles;
  /** The compiled programs. */
  readonly pacedLine: string;
  readonly libmodbusReader: string;
}

/** A pass, and what share of it the requests of the plan need on the wire. */
export interface PassFigures {
  /** Silence before a question to the unit that was asked last, ms. */
  readonly gapMs: number;
  readonly passS: number;
  readonly shareOfLimit: number;
}

/** What was measured on one line. The pass is of an SDM630 that is asked as soon as the line was silent for 3.5 characters. */
export interface LineCaseFigures extends PassFigures {
  readonly baud: number;
  readonly latencyMs: number;
  /** The same rows by a request each, and by neighbours only, s. */
  readonly oneByOneS: number;
  readonly adjacentS: number;
  /** CPU time of a read of 60 registers, all threads, ms; and that of libmodbus. */
  readonly cpuMsPerRead: number;
  readonly libmodbusCpuMsPerRead: number;
  readonly cpuRatio: number;
  /** The pass with the silence that the profile of an SDM630 asks for. */
  readonly profileGap: PassFigures;
  /** Eight analysers, one after the other, each with the silence that its profile asks for. */
  readonly ring: Omit<PassFigures, 'gapMs'>;
  /** What the line saw of our questions: the silence before them by its own clock. */
  readonly gaps: LineGaps & { readonly askedForMs: number };
  /** Passes that did not read everything, and reads that failed. */
  readonly failed: number;
}

const SDM630 = 'eastron-sdm630';
/** Models that answer the first question, and whose identity no register tells. */
const RING = [
  SDM630,
  'circutor-cvm-c10',
  'circutor-cvm-mini',
  'circutor-cvm-bd',
  'carlo-gavazzi-em24-din',
  'janitza-umg96rm',
  'schneider-iem3155',
  'siemens-pac3200',
] as const;
/** What each quantity shows, in its unit. */
const SHOWN = 12.5;

/** Measures one line. Errors: `usage` when a profile is not shipped. */
export async function measureLine(options: LineCaseOptions): Promise<LineCaseFigures> {
  const { baud, latencyMs, profiles, passes, reads } = options;
  const units = new Map(RING.map((id, index) => [index + 1, encodeRegisters(profileOf(id, profiles), () => SHOWN)]));
  const line = await startPacedLine({ program: options.pacedLine, baud, latencyMs, units });
  const { path } = line;
  try {
    const hasty = withoutPauses(profiles);
    const sdm630 = profileOf(SDM630, hasty);
    const config = onlyLine(configOf(path, baud, [SDM630], hasty));
    const pass = await measurePasses(path, options, hasty, [SDM630], passes);
    const profileGap = await measurePasses(path, options, profiles, [SDM630], passes);
    const ring = await measurePasses(path, options, profiles, RING, Math.ceil(passes / 2));
    const { client, close } = await openClient(config, sdm630);
    const oneByOneMs = await msOf(() => readBlocks(client, oneByOne(sdm630)));
    const adjacentMs = await msOf(() => readBlocks(client, adjacentOnly(sdm630)));
    const ours = await measureReads(client, reads);
    await close();
    const seen = await line.gaps();
    const theirs = await measureLibmodbus(options.libmodbusReader, path, baud, timingOf(config).gapMs, reads);
    return {
      baud,
      latencyMs,
      ...pass.figures,
      oneByOneS: rounded(oneByOneMs / 1_000),
      adjacentS: rounded(adjacentMs / 1_000),
      cpuMsPerRead: rounded(ours.cpuMs),
      libmodbusCpuMsPerRead: rounded(theirs.cpuMs),
      cpuRatio: rounded(ours.cpuMs / theirs.cpuMs),
      profileGap: profileGap.figures,
      ring: { passS: ring.figures.passS, shareOfLimit: ring.figures.shareOfLimit },
      gaps: { ...seen, askedForMs: rounded(timingOf(config).gapMs) },
      failed: pass.failed + profileGap.failed + ring.failed + ours.failed + theirs.failed,
    };
  } finally {
    await line.close();
  }
}

/** Reads analysers one after the other, by a real meter. */
async function measurePasses(
  path: string,
  { baud, latencyMs }: LineCaseOptions,
  profiles: Profiles,
  ids: readonly string[],
  passes: number,
): Promise<{ figures: PassFigures; failed: number }> {
  const config = configOf(path, baud, ids, profiles);
  const meter = openMeter(config, profiles, {
    clock: systemClock(),
    timers: systemTimers,
    recognisable: async () => [],
    ...(await lineAdapters()),
  });
  let failed = 0;
  const pass = async (): Promise<void> => {
    for (const reader of meter.readers) if ((await reader.read()).status !== 'complete') failed++;
  };
  // In the first ones it is learned how long the analysers take.
  for (let early = 0; early < 2; early++) await pass();
  failed = 0;
  const tookMs = await msOf(async () => {
    for (let done = 0; done < passes; done++) await pass();
  });
  await meter.close();
  const [line, models] = [onlyLine(config), ids.map((id) => profileOf(id, profiles))];
  const gapMs = Math.max(...models.map((profile) => gapMsOf(line, profile)));
  const share = (limitMsOf(line, models, latencyMs) * passes) / tookMs;
  return { figures: { gapMs: rounded(gapMs), passS: rounded(tookMs / passes / 1_000), shareOfLimit: rounded(share) }, failed };
}

function configOf(path: string, baud: number, ids: readonly string[], profiles: Profiles): AgentConfig {
  const analysers = ids.map((id, index) => `  - { id: ${id}, line: main, unit: ${index + 1}, profile: ${id} }\n`);
  const line = `{ id: main, transport: rtu, path: ${path}, baud: ${baud}, parity: none, stopBits: 1 }`;
  return parseAgentConfig(`lines: [${line}]\nanalysers:\n${analysers.join('')}`, 'bench', new Set(profiles.keys()));
}

function onlyLine({ lines: [line] }: AgentConfig): LineConfig {
  if (!line) throw new RangeError('no line');
  return line;
}

function profileOf(id: string, profiles: Profiles): Profile {
  const loaded = profiles.get(id);
  if (!loaded) throw new RangeError(`no profile ${id} is shipped`);
  return loaded.profile;
}

function withoutPauses(profiles: Profiles): Profiles {
  return new Map([...profiles].map(([id, one]) => [id, { ...one, profile: { ...one.profile, minGapMs: 0 } }]));
}

async function msOf(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}
