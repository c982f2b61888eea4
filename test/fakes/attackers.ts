import { ATTACKS, attack } from './attacks.js';

/** A process that attacks 127.0.0.1:PORT with everything there is, each for MS: `attackers.js PORT MS`. */
const [port, ms] = process.argv.slice(2).map(Number);
if (port === undefined || ms === undefined) throw new RangeError('PORT and MS');
const attempts: Record<string, number> = {};
for (const name of ATTACKS) attempts[name] = await attack(name, { port, from: '127.0.0.2' }, ms);
process.stdout.write(JSON.stringify(attempts));
process.exit();
