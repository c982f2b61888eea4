import { nameSchema } from '@farola/shared';
import * as z from 'zod';

const absolutePath = z.string().regex(/^\//, 'is not an absolute path');

const timeoutMs = z
  .int()
  .min(50)
  .max(60_000)
  .default(1_000)
  .describe('Time that an analyser may take to answer, ms, 50 to 60000; default 1000');
const gapMs = z
  .int()
  .min(0)
  .max(10_000)
  .optional()
  .describe(
    'Silence before each question, ms, 0 to 10000; default 3.5 characters, and before a question to one model as long as its profile says',
  );
const unitGapMs = z
  .int()
  .min(0)
  .max(10_000)
  .optional()
  .describe('Silence before a question to another analyser than the last, ms, 0 to 10000; default that before each question');
const worstLatenessMs = z
  .int()
  .min(0)
  .max(600_000)
  .default(10_000)
  .describe(
    'How long an answer may still come after it was given up, ms, 0 to 600000; default 10000. So long none is taken for the answer to another question; of later ones nothing is claimed',
  );

const rs485Schema = z
  .strictObject({
    rtsOnSend: z.enum(['high', 'low']).default('high').describe('Level of RTS while sending, `high` or `low`; default high'),
    beforeMs: z.int().min(0).max(100).default(0).describe('From the change of RTS to the first byte, ms, 0 to 100; default 0'),
    afterMs: z.int().min(0).max(100).default(0).describe('From the last byte to the change of RTS, ms, 0 to 100; default 0'),
  })
  .describe('Have the driver of the port switch the direction; leave it out where the adapter does so by itself');

const rtuLineSchema = z.strictObject({
  id: nameSchema.describe('Name of the line'),
  transport: z.literal('rtu').describe('`rtu`: a serial port of this machine'),
  path: absolutePath.describe('The port; /dev/serial/by-id/... does not change with the order of plugging'),
  baud: z.int().min(300).max(1_000_000).default(9_600).describe('Bits per second, 300 to 1000000; default 9600'),
  parity: z.enum(['none', 'even', 'odd']).default('none').describe('`none`, `even` or `odd`; default none'),
  dataBits: z
    .union([z.literal(7), z.literal(8)])
    .default(8)
    .describe('7 or 8; default 8'),
  stopBits: z
    .union([z.literal(1), z.literal(2)])
    .default(1)
    .describe('1 or 2; default 1'),
  rs485: rs485Schema.optional(),
  timeoutMs,
  gapMs,
  unitGapMs,
  worstLatenessMs,
});

const tcpLineSchema = z.strictObject({
  id: nameSchema.describe('Name of the line'),
  transport: z
    .literal('rtu-over-tcp')
    .describe('`rtu-over-tcp`: a gateway that passes RTU frames on as they are; for Modbus TCP see `modbus-tcp`'),
  host: z.string().min(1).max(253).describe('Name or address of the gateway'),
  port: z.int().min(1).max(65_535).describe('TCP port, 1 to 65535'),
  timeoutMs,
  gapMs,
  unitGapMs,
  worstLatenessMs,
});

/** The port that Modbus TCP has by IANA. */
export const MODBUS_TCP_PORT = 502;

const modbusTcpLineSchema = z.strictObject({
  id: nameSchema.describe('Name of the line'),
  transport: z.literal('modbus-tcp').describe('`modbus-tcp`: an analyser or gateway that speaks Modbus TCP'),
  host: z.string().min(1).max(253).describe('Name or address of the analyser or gateway'),
  port: z.int().min(1).max(65_535).default(MODBUS_TCP_PORT).describe('TCP port, 1 to 65535; default 502'),
  timeoutMs,
  gapMs,
  unitGapMs,
  worstLatenessMs,
  zeroTransactions: z
    .boolean()
    .default(false)
    .describe(
      'Take answers that carry transaction 0 instead of that of the question, as some gateways send them; the connection is then opened anew after each timeout; default false',
    ),
});

/** One schema for each kind of line, by its transport. */
export const LINE_SCHEMAS = { 'rtu': rtuLineSchema, 'rtu-over-tcp': tcpLineSchema, 'modbus-tcp': modbusTcpLineSchema } as const;

const ratioSide = z.int().min(1).max(1_000_000);
const ratioSchema = z.strictObject({
  primary: ratioSide.describe('Primary, A or V, 1 to 1000000'),
  secondary: ratioSide.describe('Secondary, A or V, 1 to 1000000'),
});

const supplySchema = z
  .strictObject({
    volts: z
      .number()
      .min(50)
      .max(100_000)
      .default(230)
      .describe(
        'Nominal voltage from phase to neutral, V, 50 to 100000; on the primary side of voltage transformers; default 230',
      ),
    hertz: z
      .union([z.literal(50), z.literal(60)])
      .default(50)
      .describe('Nominal frequency, Hz, 50 or 60; default 50'),
    phases: z
      .union([z.literal(1), z.literal(3)])
      .default(3)
      .describe('Phases that are wired, 1 or 3; default 3. With 1 only L1 is looked at'),
  })
  .prefault({})
  .describe('What feeds the panel: values beyond its bands are marked (docs/metering.md)');

const secondsOfHour = z
  .int()
  .min(1)
  .max(3_600)
  .refine((seconds) => 3_600 % seconds === 0, 'does not divide an hour');

/** Scan groups that one analyser may have; with what no group names it has one row of the analyser table more, which has 64. */
const MOST_GROUPS = 7;

const scanGroupSchema = z.strictObject({
  seconds: secondsOfHour.describe('Seconds between samples of these quantities, 1 to 3600, a divisor of 3600'),
  quantities: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z0-9_]{0,64}\*?$/, 'is neither the name of a quantity nor the begin of names and `*`')
        .min(1),
    )
    .min(1)
    .max(64)
    .describe('Their names, or begins of names with `*` behind them, such as `voltageL*`; 1 to 64'),
});

const analyserSchema = z.strictObject({
  id: nameSchema.describe('Name of the analyser'),
  line: nameSchema.describe('Line that it is wired to'),
  unit: z.int().min(1).max(247).describe('Modbus address on its line, 1 to 247'),
  profile: nameSchema.describe('Profile of its model, such as circutor-cvm-c10'),
  serialNumber: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe(
      'Serial number on its plate, 1 to 64 characters; it is signed with the samples, and a device that tells another one is refused',
    ),
  ctRatio: ratioSchema
    .optional()
    .describe(
      'Ratio of the current transformers; recorded and signed, and held against the setting of the device: values on the bus are primary already',
    ),
  vtRatio: ratioSchema
    .optional()
    .describe(
      'Ratio of the voltage transformers; recorded and signed, and held against the setting of the device: values on the bus are primary already',
    ),
  supply: supplySchema,
  scanGroups: z
    .array(scanGroupSchema)
    .min(1)
    .max(MOST_GROUPS)
    .optional()
    .describe(
      'Quantities with a period of their own, 1 to 7 groups. A quantity belongs to the first group that names it; what none names is read each `sampleSeconds`. What a group of one second costs is told [below](#scan-groups)',
    ),
});

/** Addresses that stand for all of a machine. */
const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

const listenSchema = z
  .strictObject({
    address: z
      .union([z.ipv4(), z.ipv6()], 'is not an IP address')
      .describe('Address of this machine in the VPN, and no other: connections are not encrypted beside it'),
    port: z.int().min(0).max(65_535).default(10_022).describe('TCP port, 0 to 65535, 0 for any free one; default 10022'),
    anyAddress: z
      .boolean()
      .default(false)
      .describe('Allow 0.0.0.0 or ::, which listen on every network of this machine; default false'),
  })
  .refine(({ address, anyAddress }) => anyAddress || !WILDCARDS.has(address), {
    path: ['address'],
    message: 'listens on every network; name the address in the VPN, or set anyAddress',
  });

/** Schema of /etc/farola/agent.yaml. Unknown fields are refused; docs/config.md is made from it. */
export const agentConfigSchema = z.strictObject({
  lines: z
    .array(z.discriminatedUnion('transport', [rtuLineSchema, tcpLineSchema, modbusTcpLineSchema], { error: wrongTransport }))
    .min(1)
    .max(8)
    .describe('Physical lines, 1 to 8'),
  analysers: z.array(analyserSchema).min(1).max(8).describe('Network analysers and meters, 1 to 8'),
  sampleSeconds: secondsOfHour
    .default(60)
    .describe('Seconds between samples of what no scan group names, 1 to 3600, a divisor of 3600; default 60'),
  stateDir: absolutePath.default('/var/lib/farola').describe('Folder of identity and journal; default /var/lib/farola'),
  runDir: absolutePath
    .default('/run/farola')
    .describe('Folder of the status and of what is known of the clock, gone with the next boot; default /run/farola'),
  profilesDir: absolutePath
    .default('/etc/farola/profiles')
    .describe('Folder of own profiles, which add to the shipped ones or replace them; default /etc/farola/profiles'),
  journal: z
    .strictObject({
      maxMb: z
        .int()
        .min(16)
        .max(65_536)
        .default(512)
        .describe('Room for the journal, MB, 16 to 65536; default 512. When it is full, what was acknowledged goes first'),
    })
    .prefault({})
    .describe('The journal of samples and events'),
  link: z
    .strictObject({
      reconnectMinMs: z
        .int()
        .min(100)
        .max(600_000)
        .default(1_000)
        .describe('First wait before the collector is dialled again, ms, 100 to 600000; default 1000'),
      reconnectMaxMs: z
        .int()
        .min(1_000)
        .max(3_600_000)
        .default(60_000)
        .describe('Longest such wait, ms, 1000 to 3600000; default 60000'),
      idlePingSeconds: z
        .int()
        .min(10)
        .max(3_600)
        .default(600)
        .describe(
          'Silence after which the connection is pinged, seconds, 10 to 3600; default 600. Where the network forgets silent connections sooner, that is learned',
        ),
      listen: listenSchema.optional().describe('Wait for the collector to dial in over a VPN, instead of dialling it'),
    })
    .prefault({})
    .describe('The connection to the collector'),
  code: z
    .strictObject({
      checkSeconds: z
        .int()
        .min(1)
        .max(3_600)
        .default(30)
        .describe(
          'Seconds between two measurements of the installed code and of what it runs on, 1 to 3600; default 30: a change is told within a minute',
        ),
    })
    .prefault({})
    .describe('Code hash and platform hash; a checkout is not measured'),
  remote: z
    .strictObject({
      accept: z
        .boolean()
        .default(true)
        .describe('Take lines, analysers, sampleSeconds and log from the collector, signed by its command key; default true'),
      trialSeconds: z
        .int()
        .min(1)
        .max(3_600)
        .default(300)
        .describe(
          'How long a configuration of the collector is tried before it is kept, seconds, 1 to 3600; default 300. Without a poll meanwhile, or with an analyser silent that answered before, or all of them under new names, it is rolled back',
        ),
    })
    .prefault({})
    .describe('Configuration that the collector sends'),
  log: z
    .strictObject({
      level: z
        .enum(['error', 'warn', 'info', 'debug'])
        .default('info')
        .describe('Least severe record that is written: error, warn, info or debug; default info'),
    })
    .prefault({})
    .describe('The log, one JSON object per line to standard output'),
});

function wrongTransport(issue: { code?: string }): string | undefined {
  return issue.code === 'invalid_union' ? 'is none of `rtu`, `rtu-over-tcp` and `modbus-tcp`' : undefined;
}

/** What /etc/farola/agent.yaml says, with defaults filled in. */
export type AgentConfig = z.output<typeof agentConfigSchema>;
/** One physical line. */
export type LineConfig = AgentConfig['lines'][number];
/** One analyser. */
export type AnalyserConfig = AgentConfig['analysers'][number];
