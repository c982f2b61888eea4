import { type Clock, keepWatch, type ServiceManager, type Timers, counted } from '@farola/shared';
import type { Log } from '../log/log.js';
import type { Meter } from '../meter/meter.js';
import type { MeterStatus, RunStatus } from '../status/run-status.js';

/**
 * Longest that the sampler of a line may stand still, ms. It looks at the clock each second, and while it reads, the line asks and is
 * answered, or gives up after at most a minute (`lines[].timeoutMs`).
 */
export const SAMPLER_STILL_MS = 90_000;

/** What the agent's watch works with. */
export interface AgentWatchDeps {
  readonly manager: ServiceManager;
  /** Rises with each step of the sampler on this line, by its place among `lines`. */
  readonly steps: (line: number) => number;
  readonly lines: Meter['lines'];
  readonly status: () => RunStatus;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

/** Tells the service manager that the agent is alive for as long as its sampler gets on on every line; until aborted. */
export function watchAgent(deps: AgentWatchDeps, signal: AbortSignal): Promise<void> {
  const { manager, steps, lines, status, clock, timers, log } = deps;
  const loops = lines.map(({ id, counters }, line) => ({
    name: `sampler of ${id}`,
    progress: () => steps(line) + counters.requests + counters.opened,
    stillMs: SAMPLER_STILL_MS,
  }));
  return keepWatch(
    {
      manager,
      clock,
      timers,
      loops,
      status: () => statusLine(status()),
      stuck: (loop, stillMs) => log.fail('loop-stuck', { loop, stillS: Math.round(stillMs / 1_000) }),
    },
    signal,
  );
}

/**
 * Tells the service manager how the agent is when the link comes or goes, or fails for another reason: at once, since the watch
 * speaks once in a quarter of its time. Each attempt to connect is not told: of systemd that would be a process each.
 * @returns to be called whenever something is known of the link
 */
export function tellLink(manager: ServiceManager, status: () => RunStatus): () => void {
  let told: string | undefined;
  return () => {
    const { state, reason } = status().link;
    const now = state === 'connected' ? state : reason;
    if (now === told || now === null) return;
    told = now;
    manager.tell({ status: statusLine(status()) });
  };
}

/** How the agent is, in one line. */
export function statusLine({ lcuId, link, samples, meter, journal }: RunStatus): string {
  const reason = link.state !== 'connected' && link.reason !== null ? ` (${link.reason})` : '';
  const waiting = samples.waiting === 0 ? '' : `, ${counted(samples.waiting, 'waits', 'wait')} for the disk`;
  const trouble = meterTrouble(meter);
  const failing = trouble === '' ? '' : `; ${trouble}`;
  return `${lcuId}: ${link.state}${reason}; ${counted(samples.taken, 'sample')}${waiting}${failing}; ${counted(journal.backlog, 'entry', 'entries')} not acknowledged`;
}

/** What is wrong with lines and analysers; empty when nothing is. */
function meterTrouble({ lines, analysers }: MeterStatus): string {
  const down = lines.filter(({ unavailable }) => unavailable !== null).map(({ id }) => id);
  const failing = analysers.filter(({ failingSinceMs }) => failingSinceMs !== null).length;
  if (failing === 0) return '';
  const why = down.length > 0 ? `, unavailable: ${down.join(', ')}` : '';
  return `${failing} of ${counted(analysers.length, 'analyser')} failing${why}`;
}
