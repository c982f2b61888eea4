import { text } from 'node:stream/consumers';
import { runCli } from './run-cli.js';

const ending = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => ending.abort());

const code = await runCli(process.argv.slice(2), {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  readInput: () => text(process.stdin),
  signal: ending.signal,
  debug: process.env['FAROLA_DEBUG'] === '1',
});
process.exit(code);
