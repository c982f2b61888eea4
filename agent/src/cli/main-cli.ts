import { plainRun } from './plain-run.js';

/**
 * The program. Each part is a file of its own in an installed tree: what runs for months carries nothing of the commands
 * (docs/decisions/052-run-by-itself.md).
 */
const asked = plainRun(process.argv.slice(2));
// Not awaited: a bundle is CommonJS (docs/decisions/037-small-agent.md), and what fails ends the process all the same.
if (asked) void import('./run-part.js').then(({ mainOfRun }) => mainOfRun(asked));
else void import('./commands-part.js').then(({ mainOfCommands }) => mainOfCommands());
