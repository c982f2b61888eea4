import { resolve } from 'node:path';
import { plainRun } from '@farola/agent/cli/plain-run.js';
import { agentProgram } from '@farola/agent/cli/program.js';
import test from 'ava';
import fc from 'fast-check';
import { runs } from '../shared/runs.js';

const io = {
  out: () => undefined,
  err: () => undefined,
  readInput: async () => '',
  signal: new AbortController().signal,
  debug: false,
};

/** What the command line of all commands makes of these arguments: the options of `run`; undefined of whatever else. */
async function wholeProgram(args: readonly string[]): Promise<unknown> {
  const program = agentProgram(io);
  let options: unknown;
  program.commands.find((command) => command.name() === 'run')?.action((asked) => void (options = asked));
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch {
    return undefined;
  }
  return options;
}

test('the forms in which a service and people write it are told apart from all others', (t) => {
  t.deepEqual(plainRun(['run']), {});
  t.deepEqual(plainRun(['run', '--config', '/etc/farola/agent.yaml']), { config: '/etc/farola/agent.yaml' });
  t.deepEqual(plainRun(['run', '--allow-root', '--config', 'a.yaml']), { config: resolve('a.yaml'), allowRoot: true });
  for (const args of [[], ['status'], ['run', '--help'], ['run', '--config'], ['run', 'x'], ['--config', 'x', 'run']]) {
    t.is(plainRun(args), undefined, args.join(' '));
  }
});

test('whatever is taken as such a run, the whole program takes as the same one', async (t) => {
  const word = fc.constantFrom(
    'run',
    '--config',
    '--allow-root',
    'a.yaml',
    '/b',
    '',
    '-',
    '--',
    '--config=c',
    '-h',
    '--json',
    'é',
  );
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 5 }), async (rest) => {
      const args = ['run', ...rest];
      const plain = plainRun(args);
      if (!plain) return;
      taken++;
      t.deepEqual(await wholeProgram(args), plain);
    }),
    runs(1000),
  );
  t.true(taken > 20, String(taken));
});
