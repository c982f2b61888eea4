import { explainError, FarolaError } from '@farola/shared';
import { Command, CommanderError } from 'commander';
import { runDemo } from './run-demo.js';

const command = new Command('scripts/demo')
  .description('A simulated panel, an agent and a collector in one terminal. Ctrl-C stops everything.')
  .option('--rounds <number>', 'end by itself after so many rounds: exit 0 if every answer was verified')
  .option('--poll-seconds <number>', 'length of a round', '5')
  .exitOverride()
  .configureOutput({ outputError: () => undefined });

const stop = new AbortController();
// A terminal or pipe that closes ends the demo in order; there is nobody left to tell.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stop.abort());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());

try {
  command.parse(process.argv);
  const options = command.opts<{ rounds?: string; pollSeconds: string }>();
  const rounds = options.rounds === undefined ? undefined : wholeNumber('--rounds', options.rounds);
  const good = await runDemo({ rounds, pollSeconds: wholeNumber('--poll-seconds', options.pollSeconds), signal: stop.signal });
  process.exitCode = good ? 0 : 1;
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) process.exit(0);
  const usage = error instanceof CommanderError && new FarolaError('usage', { reason: error.message.replace(/^error: /, '') });
  const { lines, exit } = explainError(usage || error, { debug: process.env['FAROLA_DEBUG'] === '1' });
  process.stderr.write(lines.join('\n') + '\n');
  process.exitCode = exit;
}

function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new FarolaError('usage', { reason: `${option} ${text} is not a whole number above 0` });
}
