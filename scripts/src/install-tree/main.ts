import { fileURLToPath } from 'node:url';
import { explainError, FarolaError, toHex, counted } from '@farola/shared';
import { Command, CommanderError, Option } from 'commander';
import { installTree } from './install-tree.js';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

const command = new Command('scripts/install-tree')
  .description('Makes the tree of a program: what packages install, demo and tests run, and the code hash covers.')
  .argument('<dir>', 'folder of the tree; an older tree of the same program is replaced')
  .addOption(new Option('--agent', 'the tree of the agent (default)').conflicts('collector'))
  .option('--collector', 'the tree of the collector')
  .option('--maps <dir>', 'write the source maps of the tree of the agent there: the same sources have the same ones')
  .option('--json', 'print JSON')
  .exitOverride()
  .configureOutput({ outputError: () => undefined });

try {
  command.parse(process.argv);
  const { collector, json, maps } = command.opts<{ collector?: boolean; json?: boolean; maps?: string }>();
  const [target = ''] = command.args;
  const program = collector ? 'collector' : 'agent';
  const { root, files } = installTree({ repository: REPOSITORY, program, target, maps });
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const codeHash = toHex(root);
  if (json) process.stdout.write(`${JSON.stringify({ program, target, files: files.length, bytes, codeHash })}\n`);
  else
    process.stdout.write(
      `${target}: farola-${program}, ${counted(files.length, 'file')}, ${bytes} bytes\ncode hash ${codeHash}\n`,
    );
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) process.exit(0);
  const usage = error instanceof CommanderError && new FarolaError('usage', { reason: error.message.replace(/^error: /, '') });
  const { lines, exit } = explainError(usage || error, { debug: process.env['FAROLA_DEBUG'] === '1' });
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exitCode = exit;
}
