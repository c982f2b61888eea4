import { appendFile, writeFile } from 'node:fs/promises';
import { counted, errnoOf, FarolaError, pause, systemClock, systemTimers, whyFailed } from '@farola/shared';
import { lineAdapters, transportOf } from '../meter/line/line-adapters.js';
import { openMeter } from '../meter/meter.js';
import { shippedProfiles } from '../meter/profile/profile-file.js';
import { readAwake } from '../meter/read-awake.js';
import { namedValues } from '../meter/tool/transcript/named-values.js';
import { recordingTransport } from '../meter/tool/transcript/recording-transport.js';
import { transcriptHead, transcriptLine } from '../meter/tool/transcript/transcript.js';
import { orInterrupted } from './interrupted.js';
import { wholeNumber } from './meter-line.js';
import { meterTarget } from './meter-target.js';
import type { TargetFlags } from './meter-target.js';
import { ProgressLine } from './progress-line.js';
import { say } from './say.js';

/** What `farola-agent meter record` is asked. Numbers are texts, as they were typed. */
export interface MeterRecordOptions extends TargetFlags {
  readonly times?: string | undefined;
  readonly pauseMs?: string | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Reads analysers of one line some times, and writes every byte with its time into a new file; what was recorded until it is interrupted stays.
 * @throws FarolaError `usage`, `output-exists`, `transcript-unwritable`, `analyser-unknown`, `line-in-use`, those of the configuration; the reason of the signal
 */
export async function recordMeter(
  path: string,
  ids: readonly string[],
  options: MeterRecordOptions,
  out: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const times = wholeNumber(options.times ?? '3', '--times', 1, 1_000_000);
  const pauseMs = wholeNumber(options.pauseMs ?? '1000', '--pause-ms', 0, 3_600_000);
  const { config, profiles, chosen } = await meterTarget(options, ids);
  const analysers = config.analysers.filter(({ id }) => chosen.includes(id));
  const lines = config.lines.filter(({ id }) => analysers.some(({ line }) => line === id));
  if (lines.length !== 1) throw new FarolaError('usage', { reason: 'a transcript is of one line: name it by --line' });
  const waiting = transcriptHead({ lines, analysers });
  await create(path);
  const adapters = await lineAdapters();
  const startedMs = adapters.nowMs();
  const nowMs = (): number => adapters.nowMs() - startedMs;
  const meter = openMeter({ ...config, lines, analysers }, profiles, {
    clock: systemClock(),
    timers: systemTimers,
    recognisable: shippedProfiles,
    ...adapters,
    transportOf: (line) =>
      transportOf(line, (bytes) => recordingTransport(bytes, nowMs, (transfer) => waiting.push(transcriptLine(transfer)))),
  });
  const flush = (): Promise<void> =>
    appendFile(
      path,
      waiting
        .splice(0)
        .map((row) => `${row}\n`)
        .join(''),
    );
  const progress = new ProgressLine();
  let [readings, complete] = [0, 0];
  const work = async (): Promise<void> => {
    for (let time = 0; time < times; time++) {
      if (time > 0) await pause(systemTimers, pauseMs, signal);
      for (const row of meter.analysers) {
        progress.show(`${row.id}: reading ${time + 1} of ${times}`);
        const atMs = nowMs();
        const reader = meter.readers[row.index];
        const reading = reader && (await readAwake(reader, signal));
        signal.throwIfAborted();
        if (!reading) continue;
        readings++;
        if (reading.status === 'complete') complete++;
        const { status } = reading;
        waiting.push(transcriptLine({ kind: 'reading', atMs, analyser: row.id, status, values: namedValues(row, reading) }));
        await flush();
      }
    }
  };
  try {
    await orInterrupted(work(), signal);
  } finally {
    progress.clear();
    await meter.close();
    await flush();
  }
  const facts = { path, readingCount: readings, completeCount: complete };
  say({ out, json: options.json }, facts, `${path}: ${counted(readings, 'reading')}, ${complete} complete`);
}

async function create(path: string): Promise<void> {
  try {
    await writeFile(path, '', { flag: 'wx' });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    if (errnoOf(error) === 'EEXIST') throw new FarolaError('output-exists', { path }, { cause: error });
    throw new FarolaError('transcript-unwritable', { path, reason: whyFailed(error, path) }, { cause: error });
  }
}
