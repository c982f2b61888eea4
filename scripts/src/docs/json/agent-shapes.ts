import { changedSettings, deviceFields } from './device-fields.js';
import { SAMPLE_STATUS } from '@farola/shared';
import { z } from 'zod';
import { flagStatus } from './flag-status.js';
import { count, decimal, errorCode, flag, hex, number, path, problem, storage, text, time, word, wordOf } from './kinds.js';

const words = z.array(text).length(6);

const enrolment = {
  lcuId: text.describe('its name'),
  collectorId: text.describe('the collector that it belongs to'),
  address: text.describe('where it dials, `wss://host:port`'),
  publicKey: hex(32).describe('public key of the LCU'),
  words: words.describe('the six words that technician and operator compare'),
};

/** `init` of the agent. */
export const agentInit = z.strictObject({
  configPath: path.describe('the configuration'),
  written: flag.describe('whether it was written as an example; false: it was there, and stays'),
  stateDir: path.describe('folder of identity and journal'),
  profilesDir: path.describe('folder of own profiles'),
  enrolledAs: text.nullable().describe('the LCU whose identity was there already, and stays'),
  journalOf: text.nullable().describe('the LCU whose journal was there already, and stays; null also for one that was given up'),
});

/** `enroll`. */
export const enrolled = z.strictObject({
  ...enrolment,
  again: flag.describe('whether it was enrolled by this token before: then nothing was asked, and nothing changed'),
  approval: word('waits', 'approved', 'not-known').describe(
    'whether an operator has approved it, as far as is known here: by the collector at once, later by the agent that runs; one that was refused is an error',
  ),
});

/** `enroll --abort`. */
export const abort = z.strictObject({
  lcuId: text.nullable().describe('who it was; null for a key that no collector accepted'),
  givenUp: z.literal(true).describe('enrolment and key are removed'),
});

const line = z.strictObject({
  lineId: text.describe('id of the line'),
  requests: count.describe('requests sent since the start'),
  ok: count.describe('of these answered well'),
  timeouts: count.describe('not answered in time'),
  malformed: count.describe('answered by what is no answer to them'),
  crc: count.describe('of the malformed, those with a wrong checksum'),
  exceptions: count.describe('answered by a Modbus exception'),
  strayBytes: count.describe('bytes that belonged to no answer'),
  lateAnswers: count.describe('answers that came after their time'),
  echoes: count.describe('questions that the line sent back before the answer'),
  busyMs: number.describe('time from each question to its end: what the line was used'),
  opened: count.describe('times that the line was opened'),
  failedOpens: count.describe('times that it could not be'),
  unavailable: z
    .strictObject({
      code: errorCode.describe('why it cannot be read'),
      reason: text.describe('the same in words'),
      since: time.describe('since when'),
    })
    .nullable()
    .describe('null while it is available'),
});

const scanGroup = z.strictObject({
  sampleSeconds: count.describe('from sample to sample'),
  quantityCount: count.describe('quantities that it reads'),
  status: wordOf(SAMPLE_STATUS).nullable().describe('how its newest sample went; null before the first'),
  takenAt: time.nullable().describe('when that was taken'),
  skipped: count.describe('samples of this run that were left out, since the line was busy with others'),
});

const analyser = z.strictObject({
  analyserId: text.describe('id of the analyser'),
  lineId: text.describe('the line that it is on'),
  status: wordOf(SAMPLE_STATUS).nullable().describe('how the newest sample of all its groups went; null before the first'),
  code: errorCode.nullable().describe('why one of its groups fails; of a silent analyser that is not asked, why it was silent'),
  takenAt: time.nullable().describe('when the newest sample was taken'),
  failingSince: time.nullable().describe('since when the newest sample of one of its groups is not complete'),
  groups: z.array(scanGroup).describe('its scan groups, in the order of the analyser table'),
  ...deviceFields,
  notPlausible: flagStatus.describe('what is not plausible in its newest samples; empty when all is'),
});

const run = z.strictObject({
  pid: count.describe('process'),
  version: text.nullable().describe('version of the agent; null before it told'),
  startedAt: time.describe('when the agent started'),
  writtenAt: time.describe('when it said this'),
  alive: flag.describe('whether it gives signs of life; else its process is there, and stopped or hung'),
  hung: text.nullable().describe('why it is not alive, in words; null while it is'),
  silentSeconds: count.nullable().describe('since its last sign of life; null of a version that gives none'),
  lcuId: text.describe('its name'),
  epoch: hex(8).describe('the epoch of this run'),
  link: z
    .strictObject({
      state: word('dialling', 'listening', 'connected', 'waiting').describe('of the connection to the collector'),
      since: time.describe('since when'),
      reason: text.nullable().describe('why the last connection ended: a code of the error table where there is one'),
      nextTryAt: time.nullable().describe('while it waits: when it tries again'),
      lastAnswerAt: time.nullable().describe('when a poll was last answered'),
      lastAcknowledgedAt: time.nullable().describe('when the collector last acknowledged entries in this run'),
      pollsInVain: count.describe('polls since then that acknowledged nothing while entries waited'),
    })
    .describe('the connection'),
  sampling: z
    .strictObject({
      taken: count.describe('samples of this run'),
      lost: count.describe('entries that could not be kept'),
      waiting: count.describe('entries in memory that wait for the disk'),
      lastAt: time.nullable().describe('when the last sample was taken'),
    })
    .describe('what was measured'),
  meter: z
    .strictObject({
      lines: z.array(line).describe('every line'),
      analysers: z.array(analyser).describe('every analyser'),
    })
    .describe('lines and analysers'),
  backlog: count.describe('entries that no acknowledgement covers'),
  journalBytes: count.describe('size of the journal'),
  code: z
    .strictObject({
      treePath: path.nullable().describe('the installed tree that it runs from'),
      codeHash: hex(32).nullable().describe('code hash'),
      reason: text.nullable().describe('why it is not measured'),
    })
    .describe('its own code'),
  platform: z
    .strictObject({
      platformHash: hex(32).nullable().describe('platform hash'),
      fileCount: count.describe('files that it is of'),
      reason: text.nullable().describe('why it is not measured'),
    })
    .describe('what it runs on'),
});

/** `status` of the agent. */
export const agentStatus = z.strictObject({
  configPath: path.describe('the configuration'),
  configProblem: problem
    .nullable()
    .describe(
      'why it does not count, an error as well: then the rest is of the folders that it names all the same, or of the default ones',
    ),
  stateDir: path.describe('folder of identity and journal that was looked into'),
  runDir: path.describe('folder that the running agent tells of itself in'),
  unread: z
    .array(
      problem.extend({
        about: word('enrolment', 'agent', 'configTrial', 'journal').describe(
          'what could not be read, and is null or not known below',
        ),
      }),
    )
    .describe('what else could not be read; the first of all is an error as well'),
  enrolment: z.strictObject(enrolment).nullable().describe('who this LCU is; null until it is enrolled'),
  agentState: word('running', 'hung', 'starting', 'other-version', 'elsewhere', 'not-running', 'not-known').describe(
    'how the agent is; `starting`: it does not measure yet; `elsewhere`: it has the journal in use, and tells of itself in another `runDir`; `not-known`: what would tell cannot be read, or lies elsewhere',
  ),
  run: run.nullable().describe('what the running agent says; null when none runs that this command understands'),
  starting: z
    .strictObject({
      pid: count.describe('process'),
      version: text.nullable().describe('its version'),
      startedAt: time.describe('when it began to open its journal'),
      lcuId: text.describe('its name'),
      code: errorCode.nullable().describe('why it cannot begin yet; null while nothing is in its way'),
      reason: text.nullable().describe('the same in words'),
    })
    .nullable()
    .describe('an agent that runs and does not measure yet; else null'),
  otherVersion: z
    .strictObject({
      pid: count.describe('process'),
      version: text.nullable().describe('its version; null when it does not tell'),
      startedAt: time.nullable().describe('when it started; null when it does not tell'),
    })
    .nullable()
    .describe('an agent that runs and whose status this command does not understand; else null'),
  configTrial: z
    .strictObject({
      sequence: count.describe('number of the command that brought it'),
      receivedAt: time.describe('when it came, by the clock of the LCU'),
      by: text.describe('who sent it'),
      reason: text.describe('why'),
      starts: count.describe('starts of the agent with it; 0 until it begins to count'),
      until: time.nullable().describe('when it is kept or rolled back; null until an agent runs that tries it'),
    })
    .nullable()
    .describe('the configuration of the collector that is on trial; `config show` has its fields'),
  journal: z
    .strictObject({
      entries: count.describe('entries in it'),
      backlog: count.describe('of these, what no acknowledgement covers'),
      epochs: count.describe('epochs in it'),
      oldestAt: time.nullable().describe('wall time of the oldest entry, by the clock of the LCU'),
      newestAt: time.nullable().describe('of the newest'),
    })
    .nullable()
    .describe('the journal file; null when there is none'),
  storage: storage.describe('the volume of the state'),
});

const manifest = z.strictObject({
  kind: word('code', 'platform').describe('of which files'),
  root: hex(32).describe('the hash: root of the Merkle tree of all files'),
  files: z
    .array(
      z.strictObject({
        path: text.describe('in the tree; of a platform absolute'),
        executable: flag.describe('whether it may be executed'),
        size: count.describe('bytes'),
        sha256: hex(32).describe('SHA-256 of its content'),
      }),
    )
    .describe('every file, in the order of the paths'),
});

/** `hash`. The manifests are what `hash` reads again. */
export const hash = z.strictObject({
  tree: z
    .strictObject({ treePath: path.describe('its folder'), name: text.describe('product'), version: text.describe('version') })
    .nullable()
    .describe('the installed tree; null for a checkout'),
  code: manifest.nullable().describe('manifest of the code; null for a checkout'),
  platform: manifest.describe('manifest of the platform, the same shape'),
  changes: z
    .array(
      z.strictObject({
        path: text.describe('the file'),
        change: word('added', 'removed', 'content', 'mode').describe('how it differs'),
      }),
    )
    .nullable()
    .describe('what differs from the tree or manifest that was named; null when none was'),
});

/** `meter read`, of one analyser. */
export const meterReading = z.strictObject({
  analyserId: text.describe('id of the analyser'),
  lineId: text.describe('the line that it is on'),
  modbusUnit: count.describe('its address on the line'),
  profileId: text.describe('register map that it is read by'),
  profileOrigin: word('shipped', 'own').describe('whose that is'),
  serialNumber: text.nullable().describe('as the configuration says'),
  takenAt: time.describe('when the first request was sent, by the clock of the LCU'),
  spanMs: number.describe('from the first request to the last answer'),
  status: wordOf(SAMPLE_STATUS).describe('how it went'),
  values: z
    .array(
      z.strictObject({
        quantity: text.describe('name of the quantity, see [protocol](protocol.md#quantities)'),
        value: decimal.nullable().describe('in its unit; null when it is missing'),
        unit: text.describe('unit; `1` for none'),
        obis: text.nullable().describe('OBIS code'),
        flags: z.array(text).describe('rules of plausibility that it does not agree with, see [metering](metering.md)'),
      }),
    )
    .describe('what it said'),
  changedSettings,
});

const flaw = z.strictObject({
  line: count.nullable().describe('line of the file; null where it is of none'),
  column: count.nullable().describe('column in it'),
  field: text.describe('path of the field'),
  message: text.describe('what is wrong, and what is allowed'),
});

/** `profile check`. */
export const profileCheck = z.strictObject({
  path: text.describe('the file, as it was named'),
  good: flag.describe('whether it can be used'),
  errors: z.array(flaw).describe('why it cannot'),
  warnings: z.array(flaw).describe('what may be meant otherwise'),
  replacesShipped: text.nullable().describe('id of the shipped profile whose place it would take'),
  gives: z
    .strictObject({
      profileId: text.describe('its name'),
      vendor: text.describe('maker of the models'),
      models: z.array(text).describe('what it reads'),
      rowCount: count.describe('rows'),
      quantityCount: count.describe('quantities of these'),
      requestCount: count.describe('requests that read them'),
      registerCount: count.describe('registers in these'),
      passMs: number.describe('time for all at 9600 baud and 40 ms to an answer'),
    })
    .nullable()
    .describe('what a good profile gives; else null'),
});

/** `support-bundle` of both programs. */
export const supportBundle = z.strictObject({
  path: text.describe('the file, as it was named'),
  bytes: count.describe('its size'),
  parts: z
    .array(
      z.strictObject({
        name: text.describe('file in the tar'),
        bytes: count.nullable().describe('its size; null when it is missing'),
        missing: text.nullable().describe('why it is missing, a code of the error table where there is one'),
        hint: text.nullable().describe('where to read on'),
      }),
    )
    .describe('what is in it, and what is missing'),
});
