import { FarolaError } from '@farola/shared';
import { Command } from 'commander';
import { AGENT_VERSION } from '../version.js';
import type { CliIo } from './cli-io.js';
import { addMeter } from './meter-program.js';
import { CONFIG, JSON_OUT, STATE_DIR } from './usual-options.js';

const ALLOW_ROOT: [string, string] = [
  '--allow-root',
  'run as root in folders of another user, who cannot use what is made there',
];

interface Options {
  readonly config?: string;
  readonly stateDir?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
  readonly abort?: boolean;
  readonly allowRoot?: boolean;
  readonly yes?: boolean;
  readonly files?: boolean;
  readonly platform?: boolean;
}

/** The commands of farola-agent; each is loaded when it is called. Usage errors are thrown as commander's CommanderError. */
export function agentProgram(io: CliIo): Command {
  const program = new Command('farola-agent')
    .description('Reads the analysers of a lighting panel, journals and signs what they say, and answers the collector.')
    .version(AGENT_VERSION)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: () => undefined });
  addSetUp(program, io);
  addRunning(program, io);
  addLooks(program, io);
  return program;
}

/** What is done once: `init`, `enroll`. */
function addSetUp(program: Command, io: CliIo): void {
  program
    .command('init')
    .description('make the folders and an example configuration; what is there stays')
    .option(...CONFIG)
    .option(...STATE_DIR)
    .option(...JSON_OUT)
    .action(async (options: Options) => (await import('./init.js')).initAgent(options, (line) => io.out(line)));
  program
    .command('enroll')
    .description('make this LCU known to a collector, by the token of the operator')
    .argument('[token]', 'the token; `-` or nothing reads it from standard input, where no process list shows it')
    .option('--token-file <path>', 'file that holds the token')
    .option('--abort', 'give the identity up instead: remove enrolment and key; the journal stays, and the agent must not run')
    .option('--yes', 'with --abort: do not ask')
    .option(...CONFIG)
    .option(...STATE_DIR)
    .option(...JSON_OUT)
    .action(async (token: string | undefined, options: Options) => {
      if (!options.abort) return (await import('./enroll.js')).enrollAgent({ token, ...options }, io);
      if (token === undefined && options.tokenFile === undefined)
        return (await import('./enroll-abort.js')).abortEnrolment(options, io);
      throw new FarolaError('usage', { reason: '--abort takes no token' });
    });
}

/** The agent itself, and what it tells of itself. */
function addRunning(program: Command, io: CliIo): void {
  program
    .command('run')
    .description('sample, and answer the collector, until SIGTERM')
    .option(...CONFIG)
    .option(...ALLOW_ROOT)
    .action(async (options: Options) => (await import('./run.js')).runCommand(options, io.signal));
  program
    .command('status')
    .description('show identity, connection, lines and journal')
    .option(...JSON_OUT)
    .option(...CONFIG)
    .option(...STATE_DIR)
    .action(async (options: Options) => (await import('./status.js')).printStatus(options, (line) => io.out(line)));
}

/** What looks and changes nothing. */
function addLooks(program: Command, io: CliIo): void {
  program
    .command('support-bundle')
    .description('write a tar with what whoever helps needs to know of this LCU, and no secret')
    .argument('<file>', 'the file to write; one that is there stays')
    .option(...JSON_OUT)
    .option(...CONFIG)
    .option(...STATE_DIR)
    .action(async (file: string, options: Options) =>
      (await import('./support-bundle.js')).writeSupportBundle(file, options, (line) => io.out(line)),
    );
  program
    .command('hash')
    .description('print code hash and platform hash; with another tree or manifest, what differs')
    .argument('[dir]', 'folder of an installed tree; that of this agent when it is not told')
    .argument('[other]', 'another tree, or a file that --json wrote, to compare with')
    .option('--files', 'every file as well')
    .option('--platform', 'every file of the platform; and what differs from that in the file that --json wrote')
    .option(...JSON_OUT)
    .action(async (dir: string | undefined, other: string | undefined, options: Options) =>
      (await import('./hash.js')).printHash({ dir, other, ...options }, (line) => io.out(line)),
    );
  addMeter(program, io);
  program
    .command('profile')
    .description('look at register maps')
    .command('check')
    .description('check the profile of an analyser: every mistake with its line, and what it gives when it is good')
    .argument('<file>', 'the profile, a YAML file')
    .option(...JSON_OUT)
    .action(async (file: string, options: Options) =>
      (await import('./profile-check.js')).checkProfile(file, options, (line) => io.out(line)),
    );
  const config = program.command('config').description('look at the configuration');
  config
    .command('check')
    .description('check the configuration; all problems at once')
    .option(...CONFIG)
    .option(...JSON_OUT)
    .action(async (options: Options) => (await import('./config-check.js')).checkConfig(options, (line) => io.out(line)));
  config
    .command('show')
    .description('show what counts: the file, and what the collector set in its place')
    .option(...JSON_OUT)
    .option(...CONFIG)
    .action(async (options: Options) => (await import('./config-remote.js')).showConfig(options, (line) => io.out(line)));
  config
    .command('reset')
    .description('forget what the collector set: the file alone counts from the next start on; the agent must not run')
    .option(...CONFIG)
    .option(...JSON_OUT)
    .action(async (options: Options) => (await import('./config-remote.js')).resetConfig(options, (line) => io.out(line)));
}
