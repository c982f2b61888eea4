import { FarolaError } from '@farola/shared';
import { type Command, Option } from 'commander';
import type { CliIo } from './cli-io.js';
import { refuseConflicts } from './line-conflicts.js';
import type { LineOptions } from './line-conflicts.js';
import { CONFIG, JSON_OUT } from './usual-options.js';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

/** The analysers: read, planned, and what a technician looks at. All of it only reads. */
export function addMeter(program: Command, io: CliIo): void {
  const meter = program.command('meter').description('look at the analysers');
  addRead(meter, io);
  addDoctor(meter, io);
  addScan(meter, io);
  addSimulate(meter, io);
  addStats(meter, io);
  addTranscripts(meter, io);
  addWatch(meter, io);
}

function addRead(meter: Command, io: CliIo): void {
  const read = meter
    .command('read')
    .description('read analysers once and print what they say; or, with --register, every plausible number in registers')
    .argument('[analysers...]', 'ids of analysers; all when none is given')
    .option('--line <id>', 'those of a line')
    .option('--register <n>', 'registers of a unit instead: the first, 0-based, decimal or 0x...')
    .option('--count <n>', 'how many (default: 2)')
    .option('--function <n>', '3 reads holding registers, 4 input registers (default: 3)')
    .option('--unit <n>', 'Modbus address of the unit (required with --port, --host or --register)')
    .option('--profile <name>', 'its profile, an id or a file (required with --port or --host, unless --register)');
  withLine(read)
    .option(...JSON_OUT)
    .option(...CONFIG)
    .action(async (analysers: string[], { register, ...options }: Options & { readonly register?: string }) => {
      const out = (line: string): void => io.out(line);
      if (register === undefined) return (await import('./meter-read.js')).readMeter({ analysers, ...options }, out, io.signal);
      if (analysers.length > 0) throw new FarolaError('usage', { reason: '--register reads a --unit, and no analyser' });
      return (await import('./meter-read-raw.js')).readRaw({ register, ...options }, out, io.signal);
    });
  meter
    .command('plan')
    .description(
      'show which requests read an analyser, what they cost on its line and why they are as they are; nothing is asked',
    )
    .argument('[analysers...]', 'ids of analysers; all when none is given')
    .option(
      '--profile <name>',
      'a profile by itself, an id or a file, on a line of 9600 baud, instead of the configured analysers',
    )
    .option(...JSON_OUT)
    .option(...CONFIG)
    .action(async (analysers: string[], options: Options & { readonly profile?: string }) =>
      (await import('./meter-plan.js')).planMeter({ analysers, ...options }, (line) => io.out(line)),
    );
}

function addDoctor(meter: Command, io: CliIo): void {
  const doctor = meter
    .command('doctor')
    .description(
      'find the offset, order and scale by which a meter says what its display shows, and the profile that reads it so',
    )
    .argument('[analyser]', 'id of the analyser; not needed where there is one')
    .addOption(
      new Option(
        '--expect <quantity=value>',
        'what the display shows (required), such as voltageL1=231.4; k behind it is a thousand; repeat it',
      ).argParser(gathered),
    )
    .option('--line <id>', 'a configured line')
    .option('--unit <n>', 'Modbus address of the unit (required with --port, --host or --register)')
    .option('--profile <name>', 'profile that is examined, an id or a file (required with --port or --host, unless --register)')
    .option('--register <n>', 'search registers without a profile: the first, 0-based, decimal or 0x...')
    .option('--count <n>', 'how many of them (default: 100)')
    .option(
      '--function <n>',
      '3 reads holding registers, 4 input registers: with --register the one that is asked first (default: 3)',
    );
  withLine(doctor)
    .option(...JSON_OUT)
    .option(...CONFIG)
    .action(async (analyser: string | undefined, options: Options & { readonly register?: string }) => {
      if (options.register !== undefined && analyser !== undefined)
        throw new FarolaError('usage', { reason: '--register searches a --unit, and no analyser' });
      return (await import('./meter-doctor.js')).doctorMeter(analyser, options, (line) => io.out(line), io.signal);
    });
}

/** The values of an option that may be repeated. */
function gathered(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function addScan(meter: Command, io: CliIo): void {
  const scan = meter
    .command('scan')
    .description(
      'look for units on a line: addresses, baud rates and parities; tell what they are, and the configuration that reads them',
    )
    .option('--line <id>', 'a configured line; not needed where there is one')
    .option('--units <list>', 'addresses, such as 1-32,40 (default: 1-247)')
    .option('--tries <n>', 'questions to each unit, by functions 3 and 4 in turn (default: 1)');
  withLine(scan, { lists: true })
    .option(...JSON_OUT)
    .option(...CONFIG)
    .action(async (options: Options) => (await import('./meter-scan.js')).scanMeters(options, (line) => io.out(line), io.signal));
}

function addTranscripts(meter: Command, io: CliIo): void {
  const record = meter
    .command('record')
    .description('read analysers of one line some times, and write every byte with its time into a file')
    .argument('<file>', 'the file to write; one that is there stays')
    .argument('[analysers...]', 'ids of analysers; all when none is given')
    .option('--line <id>', 'those of a line')
    .option('--times <n>', 'how often (default: 3)')
    .option('--pause-ms <n>', 'between two times (default: 1000)')
    .option('--unit <n>', 'Modbus address of the unit (required with --port or --host)')
    .option('--profile <name>', 'its profile, an id or a file (required with --port or --host)');
  withLine(record)
    .option(...JSON_OUT)
    .option(...CONFIG)
    .action(async (file: string, analysers: string[], options: Options) =>
      (await import('./meter-record.js')).recordMeter(file, analysers, options, (line) => io.out(line), io.signal),
    );
  meter
    .command('replay')
    .description('read as a recording did, with the recording as the line, and tell what is read otherwise now')
    .argument('<file>', 'the recording')
    .option('--profile <name>', 'a profile, an id or a file, in place of those of the recording')
    .option(...JSON_OUT)
    .option(...CONFIG)
    .action(async (file: string, options: Options) =>
      (await import('./meter-replay.js')).replayMeter(file, options, (line) => io.out(line)),
    );
}

function addStats(meter: Command, io: CliIo): void {
  meter
    .command('stats')
    .description(
      'show how lines and analysers of the running agent do: requests, late answers, errors, breaker, latency, share of the line',
    )
    .option(...JSON_OUT)
    .option(...CONFIG)
    .action(async (options: Options) => (await import('./meter-stats.js')).meterStats(options, (line) => io.out(line)));
}

function addWatch(meter: Command, io: CliIo): void {
  const watch = meter
    .command('watch')
    .description('read analysers again and again, and show what they say, until Ctrl-C; the agent must not run')
    .argument('[analysers...]', 'ids of analysers; all when none is given')
    .option('--line <id>', 'those of a line')
    .option('--seconds <n>', 'from one round to the next (default: 2)')
    .addOption(
      new Option('--quantity <name>', 'show this alone, or with * at its end all that begin so; may be repeated').argParser(
        gathered,
      ),
    )
    .option('--unit <n>', 'Modbus address of the unit (required with --port or --host)')
    .option('--profile <name>', 'its profile, an id or a file (required with --port or --host)');
  withLine(watch)
    .option(...JSON_OUT)
    .option(...CONFIG)
    .action(async (analysers: string[], options: Options) =>
      (await import('./meter-watch.js')).watchMeter(analysers, options, (line) => io.out(line), io.signal),
    );
}

function addSimulate(meter: Command, io: CliIo): void {
  const simulate = meter
    .command('simulate')
    .description(
      'be a meter of a profile, for training and tests: on a pseudo-terminal whose path is printed, or where it is told',
    )
    .argument('<profile>', 'id of a profile, or its file')
    .option('--unit <n>', 'its Modbus address (default: 1)')
    .option('--seed <n>', 'meters of one seed show the same at the same time (default: 1)')
    .option('--at <time>', 'time of day in UTC at which it begins (default: 21:00, when lamps are lit)')
    .addOption(
      new Option(
        '--fact <name=value>',
        'what it says of itself or is set to, such as serialNumber=77; may be repeated',
      ).argParser(gathered),
    )
    .option('--no-holes', 'refuse every register that no row of the profile names')
    .option('--silent-after <n>', 'answer so many questions, and none after')
    .option('--delay-ms <n>', 'take so long for each answer')
    .option('--exception <n>', 'answer this Modbus exception')
    .option('--late <ms>', 'answer so late')
    .option('--every <n>', 'only each so many-th question by --exception or --late (default: 1)')
    .option('--verbose', 'tell each question');
  withLine(simulate, { simulated: true })
    .option(...JSON_OUT)
    .option(...CONFIG)
    .action(async (profile: string, options: Options) =>
      (await import('./meter-simulate.js')).simulateMeter(profile, options, (line) => io.out(line), io.signal),
    );
}

/** The flags that describe a line; those that do not go together are refused before anything is done. */
function withLine(command: Command, { simulated = false, lists = false } = {}): Command {
  const described = command
    .hook('preAction', (_, called) => refuseConflicts(called.opts<LineOptions>(), { simulated, lists }))
    .option('--port <path>', 'a serial port')
    .option(
      '--baud <n>',
      lists ? 'its bits per second, a list (default: 9600,19200,38400)' : 'its bits per second (default: 9600)',
    )
    .option('--parity <word>', lists ? 'none, even, odd, a list (default: none,even)' : 'none, even or odd (default: none)')
    .option('--data-bits <n>', '7 or 8 (default: 8)')
    .option('--stop-bits <n>', '1 or 2 (default: 1)')
    .option('--host <name>', simulated ? 'address to listen at (default: 127.0.0.1)' : 'a gateway or meter on the network')
    .option(
      '--tcp-port <n>',
      simulated
        ? 'TCP port to listen at; 0 for any free one'
        : 'its TCP port (required with --host; default with modbus-tcp: 502)',
    )
    .option('--transport <word>', 'rtu-over-tcp or modbus-tcp (default: rtu-over-tcp)');
  return simulated
    ? described
    : described
        .option('--zero-transactions', 'with modbus-tcp: take answers of transaction 0, as some gateways send them')
        .option(
          '--timeout-ms <n>',
          `time that a meter may take to answer (default: ${lists ? '200, on a network 500' : '1000'})`,
        );
}
