import { systemClock, systemTimers } from '@farola/shared';
import { type AskedDecision, controlOf } from '../api/control.js';
import { serveControl } from '../api/node-control-server.js';
import { decideStanding } from '../fleet/decide.js';
import type { Lcu } from '../fleet/fleet.js';
import type { Receivers } from '../link/channel.js';
import { listenWs } from '../link/ws-listener.js';
import { failedIn, FailureLog } from '../log/failure-log.js';
import { RefusalLog } from '../log/refusal-log.js';
import { openMetricsServer } from '../metrics/metrics-adapters.js';
import { aborted } from './aborted.js';
import { startChores } from './chores.js';
import { judgeState } from '../fleet/fleet-rules.js';
import type { Parts } from './parts.js';
import { type Polling, polling } from './polling.js';
import { proveByNight } from './proof.js';
import { dialAll, receiversOf } from './receivers.js';
import { statusLine, watchCollector } from './service-watch.js';

/** Takes connections, polls and does its chores until the signal; resolves when everything is stored and stopped. */
export async function serve(parts: Parts, signal: AbortSignal): Promise<void> {
  const { config, log, service, keys, state, verify } = parts;
  const troubles = {
    state: new FailureLog(log, 'state could not be read or written'),
    uptime: new FailureLog(log, 'uptime could not be read or written: rounds are not counted'),
    refusals: new RefusalLog(log),
  };
  const times = { clock: systemClock(), roundTimers: systemTimers };
  const polled = await polling(parts, { ...times, onState: troubles.state, uptimeFailed: failedIn(troubles.uptime) });
  const { polls, writer, book, commit } = polled;
  const receivers = receiversOf(parts, polls, refusedTo(troubles.refusals, polled));
  const { host, port, strangers: limits } = config.listen;
  const listener = await listenWs({ host, port, limits, tls: parts.tls }, receivers);
  const review = (): void => {
    polls.review((lcuId) => state.fleet.find(lcuId));
    book.setRoster(state.fleet.list());
  };
  const doors = await openDoors(parts, polled, troubles.refusals, review);
  // What was changed or ordered while everything was opened.
  review();
  polled.commandRound.review();
  const chores = startChores({ parts, polled, listener, troubles, review });
  const stopProof = await proveByNight({ config, log, identity: keys.identity, fleet: state.fleet, verify });
  log.info({ address: listener.address, collectorId: config.collectorId, roundS: config.pollSeconds }, 'collector runs');
  const dialling = dialAll(parts, receivers, signal);
  service.tell({ ready: true, status: statusLine(polls) });
  const watched = { manager: service, polls, chores: chores.turns, config, clock: systemClock(), timers: systemTimers, log };
  const watching = watchCollector(watched, signal);
  await aborted(signal);
  chores.stop();
  book.close();
  await Promise.all([stopProof(), doors.close()]);
  await Promise.all([listener.close(), polls.stop(), dialling, watching]);
  commit.close();
  flushAtEnd(writer, failedIn(troubles.state));
  flushAtEnd(book, failedIn(troubles.uptime));
}

/** Counts what is refused at the door, and writes some of it to the log. */
function refusedTo(refusals: RefusalLog, { metrics }: Polling): Receivers['refused'] {
  return (refusal, remote) => {
    metrics?.refused(refusal.code);
    refusals.refused(refusal, remote);
  };
}

/** Opens what people and their monitoring ask: the control socket, and the metrics where they are configured. */
async function openDoors(
  { config, log, ledger, state: { fleet } }: Parts,
  { polls, writer, metrics }: Polling,
  refusals: RefusalLog,
  review: () => void,
): Promise<{ close(): Promise<unknown> }> {
  const decide = (lcuId: string, asked: AskedDecision): Lcu => {
    const lcu = decideStanding({ ledger, fleet }, lcuId, { ...asked, atMs: systemClock().now().wallMs });
    review();
    return lcu;
  };
  const clock = systemClock();
  const { monoMs: beganMs } = clock.now();
  const runningMs = (): number => Math.round(clock.now().monoMs - beganMs);
  const control = await serveControl(
    config.runDir,
    controlOf({
      polls,
      refused: () => refusals.totals(),
      fleet,
      decide,
      judge: judgeState,
      writeDerived: () => writer.flush(),
      runningMs,
    }),
  );
  const metricsServer = config.metrics && metrics && (await openMetricsServer(metrics, config.metrics, log));
  return { close: () => Promise.all([control.close(), metricsServer?.close()]) };
}

/** Derived state that cannot be written is derived again at the next start; rounds that cannot are unknown. */
function flushAtEnd(from: { flush(): void }, failed: (error: unknown) => void): void {
  try {
    from.flush();
  } catch (error) {
    failed(error);
  }
}
