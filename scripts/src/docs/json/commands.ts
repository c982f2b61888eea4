import type { z } from 'zod';
import * as agentConfig from './agent-config-shapes.js';
import * as agent from './agent-shapes.js';
import { meterPlan } from './plan-shapes.js';
import * as fleet from './fleet-shapes.js';
import * as ledger from './ledger-shapes.js';
import * as look from './look-shapes.js';
import * as meter from './meter-shapes.js';
import * as status from './status-shapes.js';
import * as trust from './trust-shapes.js';

/** How many lines a command prints: one object, or one for each of what it tells. */
export type Lines = 'one' | 'each';

/** One kind of line that commands print. */
export interface LineShape {
  /** Says which line it is, where a command prints several kinds. */
  readonly when?: string;
  readonly schema: z.ZodType;
}

/** Commands that print the same. */
export interface JsonCommands {
  /** As they are typed, with the program; with options where these change what is printed. */
  readonly names: readonly string[];
  readonly lines: Lines;
  /** What one line is of, and their order. */
  readonly what: string;
  readonly shapes: readonly LineShape[];
}

const A = 'farola-agent';
const C = 'farola-collector';

function one(names: readonly string[], what: string, schema: z.ZodType): JsonCommands {
  return { names, lines: 'one', what, shapes: [{ schema }] };
}

function each(names: readonly string[], what: string, schema: z.ZodType): JsonCommands {
  return { names, lines: 'each', what, shapes: [{ schema }] };
}

/** What every command with `--json` prints: the one table of it. */
export const JSON_COMMANDS: readonly JsonCommands[] = [
  one([`${A} init`], 'what is ready.', agent.agentInit),
  one([`${A} config check`], 'a configuration; one that is not good is an error as well.', agentConfig.agentConfigCheck),
  one([`${A} config show`], 'what counts, and what of it the collector set.', agentConfig.agentConfigShow),
  one([`${A} config reset`], 'what was forgotten.', agentConfig.agentConfigReset),
  each([`${A} meter read`], 'an analyser, in the order asked.', agent.meterReading),
  one([`${A} meter read --register`], 'registers and what they may hold.', meter.rawRegisters),
  each([`${A} meter plan`], 'a scan group of an analyser, in the order asked; or the profile.', meterPlan),
  {
    names: [`${A} meter scan`],
    lines: 'each',
    what: 'a unit that answers, as it is found.',
    shapes: [{ schema: meter.foundUnit }, { when: 'a scan that was interrupted, at the end', schema: meter.scanInterrupted }],
  },
  one([`${A} meter doctor`], 'what was found.', meter.doctor),
  one([`${A} meter stats`], 'how lines and analysers of the running agent do.', meter.stats),
  one([`${A} meter record`], 'the file that was written.', meter.recorded),
  one([`${A} meter replay`], 'the recording, as it is read now.', meter.replayed),
  each([`${A} meter watch`], 'a reading, as it is taken.', meter.watched),
  one([`${A} meter simulate`], 'the meter, when it answers.', meter.simulated),
  one([`${A} profile check`], 'a profile; one that is not good is an error as well.', agent.profileCheck),
  one([`${A} enroll`], 'who this LCU is now.', agent.enrolled),
  one([`${A} enroll --abort`], 'the identity that was given up.', agent.abort),
  one([`${A} status`], 'this LCU, whether the agent runs or not.', agent.agentStatus),
  one([`${A} hash`], 'code and platform, as `hash DIR FILE` takes them again.', agent.hash),
  one([`${A} support-bundle`, `${C} support-bundle`], 'the file that was written.', agent.supportBundle),

  one([`${C} init`], 'what is ready.', fleet.collectorInit),
  one([`${C} config check`], 'a configuration; one that is not good is an error as well.', fleet.collectorConfigCheck),
  one([`${C} status`], 'the fleet, or one LCU of it.', status.fleetStatus),
  {
    names: [`${C} watch`],
    lines: 'each',
    what: 'a look, as `status` prints it.',
    shapes: [{ schema: status.fleetStatus }, { when: 'a look that failed', schema: status.failedLook }],
  },
  one([`${C} lcu add`], 'the invitation.', fleet.added),
  each([`${C} lcu list`], 'an LCU, by name.', fleet.listedLcu),
  one([`${C} lcu show`], 'one LCU.', fleet.shownLcu),
  one([`${C} lcu approve`, `${C} lcu quarantine`, `${C} lcu revoke`, `${C} lcu retire`], 'the LCU.', fleet.decided),
  one([`${C} lcu release`], 'the LCU.', fleet.released),
  one([`${C} lcu config push`], 'the command.', fleet.pushed),
  one([`${C} lcu config show`], 'the last command.', fleet.shownConfig),
  each([`${C} panel list`], 'a panel, by name.', fleet.listedPanel),
  one([`${C} panel set`], 'the panel.', fleet.panelZone),
  one([`${C} poll`], 'the answer; a poll that failed is an error.', fleet.polled),
  each([`${C} readings`], 'with `--from` or `--to` a sample, in the order of receipt; else a measuring point.', look.reading),
  {
    names: [`${C} readings --interval`],
    lines: 'each',
    what: 'an interval, a gap or a sum, by point, quantity and time; the last line is the notes.',
    shapes: [
      { when: 'an interval, a gap or a sum', schema: look.interval },
      { when: 'the notes', schema: look.intervalNotes },
    ],
  },
  each([`${C} uptime`], 'an LCU, by name.', look.uptime),
  each([`${C} events`], 'an event, in the order of receipt.', look.event),

  one([`${C} release key`], 'the key.', trust.releaseKey),
  one([`${C} release sign`], 'the statement.', trust.signedRelease),
  one([`${C} release add`], 'the statement.', trust.addedRelease),
  each([`${C} release list`], 'a code of which something is said.', trust.listedRelease),
  one([`${C} release revoke`], 'what was revoked.', trust.revokedRelease),
  each([`${C} platform list`], 'a platform that was judged, or that LCUs told.', trust.listedPlatform),
  one([`${C} platform add`, `${C} platform revoke`], 'the platform.', trust.judgedPlatform),
  one([`${C} keys list`], "the collector's keys, and how far LCUs are with them.", trust.keyList),
  one([`${C} keys rotate`], 'the rotation that begins.', trust.rotation),
  one([`${C} keys rotate --switch`], 'the rotation that ends.', trust.keySwitch),
  one([`${C} keys backup`], 'the backup.', trust.backup),
  one([`${C} keys restore`], 'what was put into place.', trust.restored),

  one([`${C} ledger export`], 'the proof.', ledger.exported),
  one([`${C} ledger verify`], 'what was proven; it is printed also where the command then fails.', ledger.verified),
  {
    names: [`${C} ledger rebuild`],
    lines: 'each',
    what: 'first the proof of the ledger, then a part, when it is done.',
    shapes: [
      { when: 'the proof before it', schema: ledger.provenBefore },
      { when: 'a part, when it is done', schema: ledger.rebuilt },
    ],
  },
];
