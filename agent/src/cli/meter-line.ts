import { FarolaError, plainProblem, systemClock } from '@farola/shared';
import { agentConfigSchema } from '../config.js';
import type { AgentConfig, LineConfig } from '../config.js';
import { loadEffectiveConfig } from '../config/fs-effective-config.js';
import { readRunning } from '../status/fs-run-status.js';
import { configIfAny } from './config-if-any.js';
import { areSameAddress } from './same-address.js';
import type { NetworkAddress } from './same-address.js';

/** Which line a command works on: one of the configuration, or one that flags describe. Numbers are texts, as they were typed. */
export interface LineFlags {
  /** Id of a configured line. */
  readonly line?: string | undefined;
  readonly config?: string | undefined;
  /** Path of a serial port. */
  readonly port?: string | undefined;
  readonly baud?: string | undefined;
  readonly parity?: string | undefined;
  readonly dataBits?: string | undefined;
  readonly stopBits?: string | undefined;
  /** Name or address of a gateway or meter. */
  readonly host?: string | undefined;
  readonly tcpPort?: string | undefined;
  /** `rtu-over-tcp` or `modbus-tcp`. */
  readonly transport?: string | undefined;
  /** With `modbus-tcp`: answers may carry transaction 0. */
  readonly zeroTransactions?: boolean | undefined;
  readonly timeoutMs?: string | undefined;
}

/** A line that is free to be read, and the folder of own profiles beside it: undefined for the usual one. */
export interface ChosenLine {
  readonly line: LineConfig;
  readonly profilesDir: string | undefined;
}

/** Name of a line that flags describe. */
const FLAGGED = 'line-1';

/** Whether flags describe a line by themselves, so that no configuration is needed. */
export function describesLine({ port, host }: LineFlags): boolean {
  return port !== undefined || host !== undefined;
}

/**
 * The line that is meant, and that no agent which runs reads: of the configuration, or described by flags.
 * @throws FarolaError `usage`, `line-in-use`; those of the configuration
 */
export async function chooseLine(flags: LineFlags): Promise<ChosenLine> {
  if (describesLine(flags)) return describedLine(flags);
  const configured = await loadEffectiveConfig(flags.config);
  const { lines } = configured.config;
  const line = flags.line === undefined && lines.length === 1 ? lines[0] : lines.find(({ id }) => id === flags.line);
  const known = lines.map(({ id }) => id).join(', ');
  if (!line) {
    const reason = flags.line === undefined ? 'which line?' : `there is no line \`${flags.line}\``;
    throw new FarolaError('usage', { reason: `${reason} configured are ${known}; or describe one: --port, or --host` });
  }
  ensureUnread(configured.config, [line.id]);
  return { line: withTimeout(line, flags), profilesDir: configured.config.profilesDir };
}

/**
 * The line that flags describe, where no agent which runs reads the same address. A serial port is locked by whoever has it open; a
 * gateway serves one caller only, or lets two take each other's answers.
 * @throws FarolaError `usage`, `line-in-use`; those of a configuration that was named
 */
export async function describedLine(flags: LineFlags): Promise<ChosenLine> {
  const line = flaggedLine(flags);
  const config = (await configIfAny(flags.config))?.config;
  if (config && line.transport !== 'rtu') await ensureAddressUnread(config, line);
  return { line, profilesDir: config?.profilesDir };
}

async function ensureAddressUnread(config: AgentConfig, address: NetworkAddress): Promise<void> {
  if (!readRunning(config.runDir, systemClock().now().monoMs)) return;
  for (const line of config.lines) {
    if (line.transport !== 'rtu' && (await areSameAddress(address, line))) ensureUnread(config, [line.id]);
  }
}

/**
 * A configured line, with the time that the flags give a meter to answer.
 * @throws FarolaError `usage`
 */
export function withTimeout(line: LineConfig, { timeoutMs }: LineFlags): LineConfig {
  return timeoutMs === undefined ? line : { ...line, timeoutMs: wholeNumber(timeoutMs, '--timeout-ms', 50, 60_000) };
}

/**
 * Sees that no agent runs that reads one of these lines: two readers would take each other's answers.
 * @throws FarolaError `line-in-use`
 */
export function ensureUnread({ runDir }: AgentConfig, lineIds: readonly string[]): void {
  const running = readRunning(runDir, systemClock().now().monoMs);
  if (!running) return;
  const read = 'status' in running ? running.status.meter.lines.map(({ id }) => id) : lineIds;
  const line = lineIds.find((id) => read.includes(id));
  const { pid } = 'status' in running ? running.status : 'starting' in running ? running.starting : running.foreign;
  if (line !== undefined) throw new FarolaError('line-in-use', { line, pid });
}

/** Names of flags by the fields of a line. */
const FLAG_OF: Readonly<Record<string, string>> = {
  path: '--port',
  host: '--host',
  port: '--tcp-port',
  baud: '--baud',
  parity: '--parity',
  dataBits: '--data-bits',
  stopBits: '--stop-bits',
  transport: '--transport',
  timeoutMs: '--timeout-ms',
};

/** How a line on the network carries its bytes. */
const NETWORK_TRANSPORTS = ['rtu-over-tcp', 'modbus-tcp'] as const;

/**
 * How a line on the network carries its bytes, as it was typed.
 * @throws FarolaError `usage`
 */
export function networkTransport(text: string): (typeof NETWORK_TRANSPORTS)[number] {
  const known = NETWORK_TRANSPORTS.find((one) => one === text);
  if (known) return known;
  throw new FarolaError('usage', { reason: `--transport: \`${text}\` is neither rtu-over-tcp nor modbus-tcp` });
}

/**
 * The line that flags describe, with the defaults of a configured one.
 * @throws FarolaError `usage`
 */
export function flaggedLine(flags: LineFlags): LineConfig {
  const { port: path, host, tcpPort, baud, parity, dataBits, stopBits, zeroTransactions, timeoutMs } = flags;
  const transport = networkTransport(flags.transport ?? 'rtu-over-tcp');
  if (path !== undefined && host !== undefined) throw new FarolaError('usage', { reason: '--port or --host, not both' });
  if (zeroTransactions && transport !== 'modbus-tcp')
    throw new FarolaError('usage', { reason: '--zero-transactions needs --transport modbus-tcp: RTU has no transactions' });
  const serial = {
    transport: 'rtu',
    path,
    baud: asNumber(baud),
    parity,
    dataBits: asNumber(dataBits),
    stopBits: asNumber(stopBits),
  };
  const network = { transport, host, port: asNumber(tcpPort), zeroTransactions };
  const written = { id: FLAGGED, ...(path === undefined ? network : serial), timeoutMs: asNumber(timeoutMs) };
  const told = Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined));
  const parsed = agentConfigSchema.shape.lines.element.safeParse(told);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = String(issue?.path[0] ?? 'transport');
  throw new FarolaError('usage', {
    reason: `${FLAG_OF[field] ?? field} ${issue ? plainProblem(issue, told[field]) : 'is wrong'}`,
  });
}

/** What is no number stays as it was typed, and is refused as that. */
function asNumber(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
}

/**
 * A whole number within bounds.
 * @throws FarolaError `usage`
 */
export function wholeNumber(text: string, flag: string, least: number, most: number): number {
  const number = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new FarolaError('usage', { reason: `${flag}: ${text} is not a whole number from ${least} to ${most}` });
}
