import { FarolaError } from '@farola/shared';
import type { LineFlags } from './meter-line.js';

/** The options of a command that describe its line, and those that mean something only beside some of them. */
export interface LineOptions extends LineFlags {
  readonly unit?: string | undefined;
  readonly profile?: string | undefined;
  readonly register?: string | undefined;
  readonly count?: string | undefined;
  readonly function?: string | undefined;
  /** Of a simulated meter. */
  readonly every?: string | undefined;
  readonly exception?: string | undefined;
  readonly late?: string | undefined;
}

/** What kind of command is called. */
export interface LineCommand {
  /** It is a meter, and asks none. */
  readonly simulated: boolean;
  /** It tries each of a list of baud rates and parities, those of a configured line as well. */
  readonly lists: boolean;
}

const SERIAL = { baud: '--baud', parity: '--parity', dataBits: '--data-bits', stopBits: '--stop-bits' } as const;
const NETWORK = { tcpPort: '--tcp-port', transport: '--transport', zeroTransactions: '--zero-transactions' } as const;

/**
 * Sees that no option would be passed over in silence, since another one leaves it without a meaning.
 * @throws FarolaError `usage`
 */
export function refuseConflicts(options: LineOptions, command: LineCommand): void {
  const reason = lineConflict(options, command) ?? (command.simulated ? faultConflict(options) : unitConflict(options));
  if (reason !== undefined) throw new FarolaError('usage', { reason });
}

function lineConflict(options: LineOptions, { simulated, lists }: LineCommand): string | undefined {
  const { port, host, line } = options;
  const serial = firstOf(SERIAL, options);
  const network = firstOf(NETWORK, options);
  if (port !== undefined && host !== undefined) return '--port or --host, not both';
  if (port !== undefined && network) return `${network} is of a line on the network: it goes with --host, not with --port`;
  if (host !== undefined && serial) return `${serial} is of a serial port: it goes with --port, not with --host`;
  const described = port === undefined ? '--host' : '--port';
  if (port !== undefined || host !== undefined) {
    if (line !== undefined) return `--line names a configured line, and ${described} describes another one`;
    return undefined;
  }
  if (simulated) {
    if (serial && network) return `${serial} is of a serial port: it goes with --port, not with ${network}`;
    return serial && `${serial} is of a serial port: it needs --port, since a pseudo-terminal has no such setting`;
  }
  if (network) return `${network} needs --host; of a configured line the configuration tells it`;
  const isTried = lists && options.dataBits === undefined && options.stopBits === undefined;
  return serial === undefined || isTried ? undefined : `${serial} needs --port; of a configured line the configuration tells it`;
}

function unitConflict(options: LineOptions): string | undefined {
  const { port, host, unit, profile, register, count, function: functionCode } = options;
  if (register !== undefined) return profile && '--register looks at registers without a profile: leave out --profile';
  if (count !== undefined) return '--count needs --register';
  if (functionCode !== undefined) return '--function needs --register';
  if (unit === undefined || port !== undefined || host !== undefined) return undefined;
  return '--unit needs --port, --host or --register; the address of a configured analyser stands in the configuration';
}

function faultConflict({ every, exception, late }: LineOptions): string | undefined {
  return every !== undefined && exception === undefined && late === undefined ? '--every needs --exception or --late' : undefined;
}

function firstOf(names: Readonly<Partial<Record<keyof LineOptions, string>>>, options: LineOptions): string | undefined {
  return Object.entries(names).find(([name]) => options[name as keyof LineOptions] !== undefined)?.[1];
}
