import { type Clock, KINDS, type Refusal, type ServiceManager, systemRandom, systemTimers, type Verify } from '@farola/shared';
import type { Installed } from '../code/measure-installed.js';
import type { NoteEvent } from '../code/watched-hash.js';
import type { AgentConfig } from '../config.js';
import { type AnalyserHealth } from '../config/analyser-health.js';
import { inConfigThread } from '../config/config-thread.js';
import type { PushedConfig } from '../config/pushed-config.js';
import { RemoteCommands } from '../config/remote-commands.js';
import type { Accept } from '../link/channel.js';
import type { ConnectionDeps, TakeOrder } from '../link/connection.js';
import { fetchKeys, receiveKeys } from '../link/fetch-keys.js';
import { runLink } from '../link/link.js';
import { type ListeningLinkDeps, runListeningLink } from '../link/listening-link.js';
import { HelloBudget } from '../link/hello-budget.js';
import { RefusalLog } from '../log/refusal-log.js';
import { takeCommand } from '../link/take-command.js';
import { takeKeys } from '../link/take-keys.js';
import { wsDialler, type WsDiallerOptions, wsKeysDialler } from '../link/ws-dialler.js';
import { wsListener } from '../link/ws-listener.js';
import type { Log } from '../log/log.js';
import type { PublishStatus, RunStatus } from '../status/run-status.js';
import type { Identity } from '../trust/fs-identity.js';
import type { LinuxClockQuality } from '../trust/linux-clock-quality.js';
import type { Work } from './works.js';

/** What a run works with, before anything is opened. */
export interface Base {
  readonly config: AgentConfig;
  readonly log: Log;
  readonly service: ServiceManager;
  readonly verify: Verify;
  readonly identity: Identity;
  readonly boot: Uint8Array;
  readonly quality: LinuxClockQuality;
  readonly clock: Clock;
  /** Undefined in a checkout. */
  readonly installed: Installed | undefined;
  readonly configPath: string | undefined;
  readonly pushed: PushedConfig;
  /** Who this process is, as its status tells it. */
  readonly self: Pick<RunStatus, 'pid' | 'birth' | 'version' | 'lcuId'>;
  readonly publish: PublishStatus;
}

/** What the link works with, whoever dials. */
export type LinkBase = Omit<ListeningLinkDeps, 'listen' | 'refusals' | 'hellos'>;

/** The link as it is configured: it dials, or it waits to be dialled. */
export function linkOf({ config, identity, clock, log }: Base, link: LinkBase): Work {
  const { listen, idlePingSeconds } = config.link;
  const { enrolment, trusted, signer } = identity;
  const { address, collectorId, lcuId } = enrolment;
  const watched: Omit<WsDiallerOptions, 'address' | 'collectorId' | 'pins' | 'path'> = {
    idlePingMs: idlePingSeconds * 1_000,
    clock,
    timers: systemTimers,
    warn: (code, facts) => log.warn(code, facts),
  };
  if (listen) {
    const { address: host, port } = listen;
    const listening = (at: number): void => log.info({ address: host, port: at }, 'waits for the collector');
    const refusals = new RefusalLog(log);
    const hellos = new HelloBudget(clock);
    const refused = ({ code, facts }: Refusal): void => refusals.refused(code, facts);
    const keysDeps = { lcuId, signer, trusted, timers: systemTimers, refused };
    const keys: Accept = (channel, remote) => receiveKeys(channel, { ...keysDeps, mayAnswer: () => hellos.take(remote) });
    const of = {
      ...link,
      refusals,
      hellos,
      listen: wsListener({ ...watched, warn: refusals.refused, host, port, listening, keys }),
    };
    return (ended) => runListeningLink(of, ended);
  }
  const place = { ...watched, address, collectorId };
  const dial = wsDialler({ ...place, pins: () => trusted.keys.pins, path: '/v1/lcu' });
  const keysDeps = { lcuId, signer, trusted, address, timers: systemTimers, dialKeys: wsKeysDialler(place) };
  return (ended) => runLink({ ...link, dial, fetchKeys: (fetching) => fetchKeys(keysDeps, fetching) }, ended);
}

/** How long an answer that makes the agent begin anew may take to be sent, ms. */
const SENDING_MS = 500;

/** What each connection works with: keys, orders, and what the code is. */
export function connectionDeps(
  { identity, verify, boot, clock, log, installed, config, configPath, pushed }: Base,
  health: AnalyserHealth,
  note: NoteEvent,
  beginAnew: () => void,
): Omit<ConnectionDeps, 'journal' | 'health'> {
  const { signer, enrolment, trusted } = identity;
  const { lcuId, collectorId } = enrolment;
  const pollKeys = (): readonly Uint8Array[] => trusted.keys.pollKeys;
  const commands = new RemoteCommands({
    pushed,
    accept: config.remote.accept,
    trialSeconds: config.remote.trialSeconds,
    health,
    check: (text) => inConfigThread((reader) => reader.check(configPath, text)),
    nowMs: () => clock.now().wallMs,
    note,
    restart: () => void systemTimers.after(SENDING_MS, beginAnew),
    log,
  });
  const commandKeys = (): readonly Uint8Array[] => trusted.keys.commandKeys;
  const commandDeps = { lcuId, collectorId, commandKeys, commands, signer, verify };
  const takeOrder: TakeOrder = ({ kind, signed }, connection) => {
    if (kind === KINDS.keys.number) return takeKeys(signed, { lcuId, signer, trusted });
    return kind === KINDS.command.number ? takeCommand(signed, connection, commandDeps) : undefined;
  };
  const codeHash = (): Uint8Array | null => installed?.code.state.hash ?? null;
  return { lcuId, collectorId, pollKeys, takeOrder, signer, verify, boot, codeHash, clock, random: systemRandom, log };
}
