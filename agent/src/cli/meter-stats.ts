import { counted, FarolaError, isoTime, jsonTime, printable, systemClock, textTable } from '@farola/shared';
import { settingText } from '../meter/identity/noticed-settings.js';
import { readRunning } from '../status/fs-run-status.js';
import type { MeterStatus, RunStatus } from '../status/run-status.js';
import { foldersOf } from './folders.js';
import { say } from './say.js';
import { settingJson } from './status-json.js';

/** What `farola-agent meter stats` is asked. */
export interface MeterStatsOptions {
  readonly config?: string | undefined;
  /** One JSON object instead of tables. */
  readonly json?: boolean | undefined;
}

type Line = MeterStatus['lines'][number];
type Unit = MeterStatus['units'][number];

/**
 * Prints how the lines and analysers of the running agent do. It asks no meter.
 * @throws FarolaError `agent-not-running`, `agent-other-version`; those of the configuration
 */
export async function meterStats(options: MeterStatsOptions, out: (line: string) => void): Promise<void> {
  const { runDir } = await foldersOf(options);
  const running = readRunning(runDir, systemClock().now().monoMs);
  if (!running || 'starting' in running) throw new FarolaError('agent-not-running', { path: runDir });
  if ('foreign' in running)
    throw new FarolaError('agent-other-version', { pid: running.foreign.pid, version: running.foreign.version ?? 'unknown' });
  say({ out, json: options.json }, json(running.status), ...page(running.status));
}

function page({ meter, startedMs, writtenMs }: RunStatus): string[] {
  const lines = meter.lines.map((line) => [line.id, ...counts(line), ...lineExtras(line, writtenMs - startedMs)]);
  const units = meter.units.map((unit) => [unit.id, unit.line, String(unit.unit), ...counts(unit), ...unitExtras(unit)]);
  const changed = meter.analysers.flatMap(({ id, settings }) =>
    settings.map((one) => `${id}: ${printable(settingText(one, isoTime))}`),
  );
  return [
    `since ${isoTime(startedMs)}, as of ${isoTime(writtenMs)}`,
    ...textTable([{ title: 'line' }, ...COUNTED, ...right('stray bytes', 'opened', 'used')], lines),
    '',
    ...textTable(
      [
        { title: 'analyser' },
        { title: 'line' },
        ...right('unit'),
        ...COUNTED,
        ...right('50 %', '95 %', '99 %'),
        { title: 'breaker' },
      ],
      units,
    ),
    ...(changed.length > 0 ? ['', ...changed] : []),
  ];
}

const COUNTED = right('requests', 'answered', 'late', 'CRC', 'malformed', 'timeouts', 'exceptions');

function right(...titles: readonly string[]) {
  return titles.map((title) => ({ title, align: 'right' as const }));
}

function counts({ requests, ok, lateAnswers, crc, malformed, timeouts, exceptions }: Line | Unit): string[] {
  return [requests, ok, lateAnswers, crc, malformed, timeouts, exceptions].map(String);
}

function lineExtras({ strayBytes, opened, busyMs }: Line, runMs: number): string[] {
  return [String(strayBytes), counted(opened, 'time'), `${usedPercent(busyMs, runMs)} %`];
}

function unitExtras({ latencyMs: { half, most, nearlyAll }, isLeftAlone }: Unit): string[] {
  const shown = [half, most, nearlyAll].map((ms) => (ms === null ? '-' : `${ms} ms`));
  return [...shown, isLeftAlone ? 'open: left alone but for a probe now and then' : 'closed'];
}

/** Share of the run that the line was used, percent, to one digit. */
function usedPercent(busyMs: number, runMs: number): number {
  return runMs <= 0 ? 0 : Math.min(100, Math.round((1_000 * busyMs) / runMs) / 10);
}

function json({ meter, startedMs, writtenMs }: RunStatus): object {
  return {
    startedAt: jsonTime(startedMs),
    writtenAt: jsonTime(writtenMs),
    lines: meter.lines.map((line) => ({
      lineId: line.id,
      ...countsJson(line),
      strayBytes: line.strayBytes,
      opened: line.opened,
      failedOpens: line.failedOpens,
      usedPercent: usedPercent(line.busyMs, writtenMs - startedMs),
    })),
    analysers: meter.units.map((unit) => ({
      analyserId: unit.id,
      lineId: unit.line,
      modbusUnit: unit.unit,
      ...countsJson(unit),
      breaker: unit.isLeftAlone ? 'open' : 'closed',
      latencyP50Ms: unit.latencyMs.half,
      latencyP95Ms: unit.latencyMs.most,
      latencyP99Ms: unit.latencyMs.nearlyAll,
      changedSettings: (meter.analysers.find(({ id }) => id === unit.id)?.settings ?? []).map(settingJson),
    })),
  };
}

function countsJson({ requests, ok, lateAnswers, crc, malformed, timeouts, exceptions }: Line | Unit): object {
  return { requests, ok, lateAnswers, crc, malformed, timeouts, exceptions };
}
