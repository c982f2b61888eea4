import test from 'ava';
import { farolaAgent } from '../../fakes/agent-process.js';

/** What a command is told to lack, and the option that its help must mark. */
for (const [args, lacks, marked] of [
  [['meter', 'doctor'], /--expect/, [/--expect .*\(required\)/s]],
  [['meter', 'read', '--register', '0', '--host', 'x'], /--register needs --unit/, [/--unit .*\(required with .*--register\)/s]],
  [
    ['meter', 'read', '--host', 'x'],
    /needs --profile and --unit/,
    [/--unit .*\(required with --port/s, /--profile .*\(required with --port/s],
  ],
  [
    ['meter', 'watch', '--host', 'x'],
    /needs --profile and --unit/,
    [/--unit .*\(required with --port/s, /--profile .*\(required with --port/s],
  ],
  [['meter', 'scan', '--host', 'x'], /--tcp-port/, [/--tcp-port .*\(required with --host; default with modbus-tcp: 502\)/s]],
] as const) {
  test(`${args.join(' ')} lacks an option, which its help marks`, async (t) => {
    const { code, err } = await farolaAgent(args);
    t.is(code, 64);
    t.regex(err, lacks);
    const { out } = await farolaAgent([args[0], args[1], '--help']);
    const words = out.replaceAll(/\s+/g, ' ');
    for (const mark of marked) t.regex(words, mark);
  });
}
