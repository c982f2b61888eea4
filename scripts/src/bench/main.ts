import { explainError, FarolaError, textTable } from '@farola/shared';
import { Command, CommanderError, Option } from 'commander';
import { type AgentFigures, benchAgent } from './agent-bench.js';
import { benchHash } from './hash-bench.js';
import { benchLedger } from './ledger-bench.js';
import { addMetersCommand } from './meters-command.js';
import { benchPolls, type PollFigures } from './poll-bench.js';
import { benchStorm, CUTS, type StormFigures } from './storm-bench.js';
import { benchVerify } from './verify-bench.js';
import { wholeNumber } from './whole-number.js';
import { benchWire, type WireFigures } from './wire-bench.js';

interface PollOptions {
  readonly lcus: string;
  readonly tls?: boolean;
  readonly plain?: boolean;
  readonly seconds: string;
  readonly json?: boolean;
}

interface WireOptions {
  readonly polls: string;
  readonly json?: boolean;
}

interface StormCommand {
  readonly lcus: string;
  readonly cut?: StormFigures['cut'];
  readonly json?: boolean;
}

interface LedgerCommand {
  readonly samples: string;
  readonly json?: boolean;
}

interface VerifyCommand {
  readonly rows: string;
  readonly json?: boolean;
}

const STORM_COLUMNS = [
  { title: 'LCUs', align: 'right' },
  { title: 'cut by' },
  { title: 'connected', align: 'right' },
  { title: 'all polled', align: 'right' },
  { title: 'CPU', align: 'right' },
  { title: 'turned away' },
] as const;

const COLUMNS = [
  { title: 'LCUs', align: 'right' },
  { title: 'link' },
  { title: 'polls/s', align: 'right' },
  { title: 'CPU/poll', align: 'right' },
  { title: 'floor', align: 'right' },
  { title: 'ratio', align: 'right' },
  { title: 'memory/connection', align: 'right' },
  { title: 'V8 heap, kB', align: 'right' },
] as const;

const AGENT_COLUMNS = [{ title: 'agent' }, { title: 'figure', align: 'right' }] as const;

const WIRE_COLUMNS = [{ title: 'bytes of a poll, both ways' }, { title: 'average', align: 'right' }] as const;

const program = new Command('scripts/bench').description('Measures the product against the floor of its parts.').exitOverride();
program.configureOutput({ writeErr: () => undefined });
program
  .command('poll')
  .description('the poll of the collector, from socket to stored and derived, with simulated LCUs in another process')
  .option('--lcus <number>', 'simulated LCUs', '1000')
  .addOption(new Option('--tls', 'over TLS only').conflicts('plain'))
  .option('--plain', 'without TLS only; so it is with --json, too, unless --tls is given')
  .option('--seconds <number>', 'how long polls are measured; the floor takes as long again', '20')
  .option('--json', 'one JSON object, of the plain link or, with --tls, of that')
  .action(benchPoll);
program
  .command('hash')
  .description('the code hash of an installed tree, against SHA-256 of the same bytes in memory and a bare walk')
  .argument('[tree]', 'folder of an installed tree; that of the agent is made when it is not told')
  .option('--pairs <number>', 'how many times both are measured', '100')
  .option('--json', 'one JSON object')
  .action(printHash);
program
  .command('wire')
  .description('what an LCU sends and receives in a month: one sample a minute of two analysers with 40 quantities each')
  .option('--polls <number>', 'polls that are measured, of five simulated minutes each; 288 are a day', '288')
  .option('--json', 'one JSON object')
  .action(benchWireAction);

program
  .command('storm')
  .description('every LCU loses its connection at once, all behind one address: how soon the collector has them back')
  .option('--lcus <number>', 'simulated LCUs', '5000')
  .addOption(new Option('--cut <what>', 'what cuts them; each in turn unless named').choices(CUTS))
  .option('--json', 'one JSON object for each cut')
  .action(storm);
program
  .command('ledger')
  .description('storing signed answers against a bare insert of the same bytes, and reading them')
  .option('--samples <number>', 'samples that are stored; 8600000 are a month of 100 LCUs', '8600000')
  .option('--json', 'one JSON object')
  .action(async ({ samples, json }: LedgerCommand) => printFigures(await benchLedger(wholeNumber('--samples', samples)), json));
program
  .command('verify')
  .description('proving a ledger against bare verification and SHA-256 of the same bytes')
  .option('--rows <number>', 'answers that are proven, in each of six runs', '20000')
  .option('--json', 'one JSON object')
  .action(async ({ rows, json }: VerifyCommand) => printFigures(await benchVerify(wholeNumber('--rows', rows)), json));

program
  .command('agent')
  .description('a real agent out of an installed tree: two analysers on a pseudo-terminal, a sample a minute, a poll each five')
  .option('--seconds <number>', 'how long it is measured after the start; 300 hold five samples and a poll', '300')
  .option('--json', 'one JSON object')
  .action(printAgent);
addMetersCommand(program);

try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) process.exit(0);
  const { lines, exit } = explainError(error instanceof CommanderError ? usageOf(error) : error, {
    debug: process.env['FAROLA_DEBUG'] === '1',
  });
  process.stderr.write(lines.join('\n') + '\n');
  process.exitCode = exit;
}

function usageOf(error: CommanderError): FarolaError {
  const reason = error.code === 'commander.help' ? 'which bench?' : error.message.replace(/^error: /, '');
  return new FarolaError('usage', { reason }, { cause: error });
}

async function benchPoll(options: PollOptions): Promise<void> {
  const lcus = wholeNumber('--lcus', options.lcus);
  if (lcus < 2) throw new FarolaError('usage', { reason: '--lcus must be 2 or more' });
  const seconds = wholeNumber('--seconds', options.seconds);
  const figures: PollFigures[] = [];
  for (const tls of linksOf(options)) figures.push(await benchPolls({ lcus, tls, seconds }));
  const lines = options.json ? figures.map((one) => JSON.stringify(one)) : textTable(COLUMNS, figures.map(toRow));
  process.stdout.write(lines.join('\n') + '\n');
}

/** Whether over TLS, of each link that is measured: a table has both unless one is named, JSON is one object. */
function linksOf({ tls, plain, json }: PollOptions): readonly boolean[] {
  if (tls) return [true];
  return plain || json ? [false] : [false, true];
}

function printHash(tree: string | undefined, { pairs, json }: { readonly pairs: string; readonly json?: boolean }): void {
  const found = benchHash(tree, wholeNumber('--pairs', pairs));
  const titles = ['files', 'bytes', 'code hash', 'floor', 'ratio'].map((title) => ({ title, align: 'right' }) as const);
  const { files, bytes, ms, floorMs, ratio } = found;
  const row = [String(files), String(bytes), `${ms} ms`, `${floorMs} ms`, ratio.toFixed(2)];
  process.stdout.write((json ? JSON.stringify(found) : textTable(titles, [row]).join('\n')) + '\n');
}

async function benchWireAction(options: WireOptions): Promise<void> {
  const figures = await benchWire({ polls: wholeNumber('--polls', options.polls) });
  const lines = options.json ? [JSON.stringify(figures)] : textTable(WIRE_COLUMNS, wireRows(figures));
  process.stdout.write(lines.join('\n') + '\n');
}

function wireRows(of: WireFigures): string[][] {
  return [
    ['poll', `${of.pollBytes}`],
    ['answer, without its entries', `${of.answerBytes}`],
    ['entries', `${of.entryBytes}`],
    ['  as they stand in the ledger', `${of.plainEntryBytes}`],
    ['TLS and ws', `${of.tlsAndWsBytes}`],
    ['all', `${of.bytesPerPoll}`],
    ['all, for each sample', `${of.bytesPerSample}`],
    ['one connection', `${of.connectionBytes}`],
    ['MB in a month', of.mbPerMonth.toFixed(2)],
    ['  with plain entries', of.mbPerMonthPlain.toFixed(2)],
  ];
}

async function printAgent({ seconds, json }: { readonly seconds: string; readonly json?: boolean }): Promise<void> {
  const found = await benchAgent(wholeNumber('--seconds', seconds));
  process.stdout.write((json ? JSON.stringify(found) : textTable(AGENT_COLUMNS, agentRows(found)).join('\n')) + '\n');
}

function agentRows(of: AgentFigures): string[][] {
  return [
    ['memory above a bare node', `${of.rssMbAboveNode} MB`],
    ['  memory', `${of.rssMb} MB`],
    ['  of a bare node', `${of.nodeRssMb} MB`],
    ['CPU time of an hour', `${of.cpuSPerHour} s`],
    ['  of the start', `${of.startCpuS} s`],
    ['until the first sample', `${of.firstSampleS} s`],
    ['samples', `${of.samples}`],
    ['measured', `${of.seconds} s`],
  ];
}

async function storm({ lcus: text, cut: named, json }: StormCommand): Promise<void> {
  const lcus = wholeNumber('--lcus', text);
  const figures: StormFigures[] = [];
  for (const cut of named ? [named] : CUTS) {
    const found = await benchStorm({ lcus, cut });
    figures.push(found);
    if (json) process.stdout.write(JSON.stringify(found) + '\n');
  }
  if (!json) process.stdout.write(textTable(STORM_COLUMNS, figures.map(toStormRow)).join('\n') + '\n');
}

function printFigures(figures: object, json: boolean | undefined): void {
  const rows = Object.entries(figures).map(([name, value]) => [name, String(value)]);
  const columns = [{ title: 'figure' }, { title: 'value', align: 'right' }] as const;
  process.stdout.write((json ? JSON.stringify(figures) : textTable(columns, rows).join('\n')) + '\n');
}

function toStormRow({ lcus, cut, connectedS, allPolledS, cpuS, refused }: StormFigures): string[] {
  const away = Object.entries(refused).map(([code, count]) => `${count} ${code}`);
  return [String(lcus), cut, `${connectedS} s`, `${allPolledS} s`, `${cpuS} s`, away.join(', ')];
}

function toRow(of: PollFigures): string[] {
  return [
    String(of.lcus),
    of.tls ? 'TLS' : 'plain',
    String(of.pollsPerS),
    `${of.cpuUsPerPoll} us`,
    `${of.floorCpuUsPerPoll} us`,
    of.ratio.toFixed(2),
    `${of.kbPerConnection} kB`,
    String(of.heapKbPerConnection),
  ];
}
