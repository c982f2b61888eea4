import { counted, FarolaError, systemClock, systemTimers } from '@farola/shared';
import { transportOf } from '../meter/line/line-adapters.js';
import { hex } from '../meter/profile/hex.js';
import type { Profile } from '../meter/profile/profile.js';
import type { Faults, Reply } from '../meter/tool/simulate/faults.js';
import { faultyMeter } from '../meter/tool/simulate/faulty-meter.js';
import { linuxPtyPort } from '../meter/tool/simulate/linux-pty-port.js';
import { polledSlavePort } from '../meter/tool/simulate/polled-slave-port.js';
import { serveSlave } from '../meter/tool/simulate/serve-slave.js';
import { factNames, factProblem, SimulatedMeter } from '../meter/tool/simulate/simulated-meter.js';
import type { SimulatedFacts } from '../meter/tool/simulate/simulated-meter.js';
import type { SlavePort } from '../meter/tool/simulate/slave-port.js';
import { tcpSlavePort } from '../meter/tool/simulate/tcp-slave-port.js';
import { ownProfiles } from './config-if-any.js';
import { flaggedLine, networkTransport, wholeNumber } from './meter-line.js';
import type { LineFlags } from './meter-line.js';
import { namedProfile } from './named-profile.js';
import { say } from './say.js';

/** What `farola-agent meter simulate` is asked. Numbers are texts, as they were typed. */
export interface MeterSimulateOptions extends Omit<LineFlags, 'line' | 'timeoutMs' | 'zeroTransactions'> {
  readonly unit?: string | undefined;
  readonly seed?: string | undefined;
  /** Time of day in UTC at which it begins, `21:00`; 21:00 when it is not told, since lamps are lit then. */
  readonly at?: string | undefined;
  /** `name=value`, of facts and settings. */
  readonly fact?: readonly string[] | undefined;
  /** False: registers that no row names are refused. */
  readonly holes?: boolean | undefined;
  readonly silentAfter?: string | undefined;
  readonly delayMs?: string | undefined;
  readonly exception?: string | undefined;
  readonly late?: string | undefined;
  readonly every?: string | undefined;
  /** Tell each question. */
  readonly verbose?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Is a meter of a profile, until the signal: on a pseudo-terminal whose path is printed, on a serial port, or on TCP.
 * @throws FarolaError `usage`, `profile-unreadable`, `profile-invalid`, `line-unavailable`, `permission-denied`, `port-in-use`, `address-in-use`
 */
export async function simulateMeter(
  name: string,
  options: MeterSimulateOptions,
  out: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { unit: unitText = '1', seed = '1', holes = true, verbose, json } = options;
  const faults = faultsOf(options);
  const named = await namedProfile(name, await ownProfiles(options.config));
  const profile: Profile = holes ? named : { ...named, maxHoleRegisters: 0 };
  const facts = factsOf(options.fact ?? [], profile);
  const unit = wholeNumber(unitText, '--unit', 1, 247);
  const clock = systemClock();
  const aheadMs = beginsAt(options.at ?? '21:00', clock.now().wallMs) - clock.now().wallMs;
  const wallMs = (): number => clock.now().wallMs + aheadMs;
  const meter = new SimulatedMeter({ profile, unit, seed: wholeNumber(seed, '--seed', 0, 1_000_000), facts, wallMs });
  const port = await portOf(options);
  const framing = options.transport === 'modbus-tcp' ? 'tcp' : 'rtu';
  const told = { profileId: profile.id, modbusUnit: unit, transport: transportName(options), address: port.address };
  say({ out, json }, told, `${profile.id}, unit ${unit}, ${told.transport} at ${port.address}; Ctrl-C ends it`);
  const onQuestion = (request: Uint8Array, reply: Reply): void => {
    if (verbose && !json) out(questionText(request, reply));
  };
  serveSlave({ port, framing, reply: faultyMeter((request) => meter.answer(request), faults), timers: systemTimers, onQuestion });
  await aborted(signal);
  await port.close();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

const DAY_MS = 86_400_000;

function beginsAt(text: string, nowMs: number): number {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hours === undefined) throw new FarolaError('usage', { reason: `--at: ${text} is no time of day such as 21:00` });
  return nowMs - (nowMs % DAY_MS) + (Number(hours) * 60 + Number(minutes)) * 60_000;
}

function isOnTcp({ tcpPort, host, transport }: MeterSimulateOptions): boolean {
  return tcpPort !== undefined || host !== undefined || transport !== undefined;
}

function transportName(options: MeterSimulateOptions): string {
  return isOnTcp(options) ? (options.transport ?? 'rtu-over-tcp') : 'rtu';
}

async function portOf(options: MeterSimulateOptions): Promise<SlavePort> {
  const { port, tcpPort = '0', host = '127.0.0.1' } = options;
  if (port === undefined && !isOnTcp(options)) return linuxPtyPort();
  if (port !== undefined) return polledSlavePort(transportOf(flaggedLine(options)), systemTimers);
  if (options.transport !== undefined) networkTransport(options.transport);
  return tcpSlavePort(host, wholeNumber(tcpPort, '--tcp-port', 0, 65_535));
}

function faultsOf({ silentAfter, delayMs, exception, late, every }: MeterSimulateOptions): Faults {
  const of = (text: string | undefined, flag: string, least: number, most: number): number | undefined =>
    text === undefined ? undefined : wholeNumber(text, flag, least, most);
  return {
    silentAfter: of(silentAfter, '--silent-after', 0, 1e9),
    delayMs: of(delayMs, '--delay-ms', 0, 600_000),
    exception: of(exception, '--exception', 1, 255),
    lateMs: of(late, '--late', 0, 600_000),
    every: of(every, '--every', 1, 1e9),
  };
}

function factsOf(texts: readonly string[], profile: Profile): SimulatedFacts {
  const known = factNames(profile);
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      const [name, value] = [text.slice(0, at), text.slice(at + 1)];
      const has = `${profile.id} has ${known.join(', ') || 'none'}`;
      if (at <= 0) throw new FarolaError('usage', { reason: `--fact: \`${text}\` is not NAME=VALUE; ${has}` });
      if (!known.includes(name)) throw new FarolaError('usage', { reason: `--fact: there is no \`${name}\`; ${has}` });
      const why = factProblem(profile, name, value);
      if (why !== undefined)
        throw new FarolaError('usage', { reason: `--fact: ${name} of ${profile.id} cannot be \`${value}\`: ${why}` });
      return [name, value];
    }),
  );
}

function questionText(request: Uint8Array, { frame, afterMs }: Reply): string {
  const view = new DataView(request.buffer, request.byteOffset, request.length);
  const asks = `unit ${view.getUint8(0)}, function ${view.getUint8(1)}, ${counted(view.getUint16(4), 'register')} from ${hex(view.getUint16(2))}`;
  if (!frame) return `${asks}: no answer`;
  const exception = (frame[1] ?? 0) & 0x80 ? `exception ${frame[2] ?? 0}` : 'answered';
  return `${asks}: ${exception}${afterMs > 0 ? ` after ${afterMs} ms` : ''}`;
}
