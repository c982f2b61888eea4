import { isIPv4 } from 'node:net';
import * as z from 'zod';
import { fromHex, nameSchema, vetPublicKey } from '@farola/shared';
import { isTimeZone } from './aggregate/zone-clock.js';
import { holdsControl, RUN_DIR_BYTES } from './api/control-path.js';
import { STRANGER_LIMITS } from './link/admission.js';

/** `wss://host:port`, without user, path or query. */
function isAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'wss:' && url.username === '' && /^wss:\/\/[^/?#@\s]+$/.test(text);
}

/** 127.0.0.0/8, ::1, or the name that stands for them. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

const releaseKey = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'is not a public key: 64 hexadecimal digits')
  .refine((hex) => !/^[0-9a-f]{64}$/.test(hex) || vetPublicKey(fromHex(hex)) === undefined, 'is no good Ed25519 public key');

const count = (most: number, fallback: number) => z.int().min(1).max(most).default(fallback);
const port = z.int().min(0).max(65535);
/** The service and whoever types a command begin in different folders. */
const folder = z
  .string()
  .min(1)
  .regex(/^(\/|$)/, 'is not an absolute path');

/** The configuration of a collector, `/etc/farola-collector/collector.yaml`. */
export const COLLECTOR_CONFIG = z.strictObject({
  collectorId: nameSchema.describe('Name of this collector; it stands in every poll and token.'),
  publicAddress: z
    .string()
    .refine(isAddress, 'must be wss://host:port, or wss://host for port 443, with nothing behind')
    .describe('Where LCUs reach this collector, `wss://host:port`, or `wss://host` for port 443; it goes into every token.'),
  stateDir: folder.default('/var/lib/farola-collector').describe('Folder of keys, fleet and ledger.'),
  runDir: folder
    .refine(holdsControl, `is too long for the path of a socket: it has more than ${RUN_DIR_BYTES} bytes`)
    .default('/run/farola-collector')
    .describe(`Folder of the control socket, a path of ${RUN_DIR_BYTES} bytes or fewer.`),
  listen: z
    .strictObject({
      host: z.string().min(1).default('0.0.0.0').describe('Address to listen on.'),
      port: port.default(8443).describe('TCP port to listen on; 0 takes any free one.'),
      strangers: z
        .strictObject({
          most: count(65_536, STRANGER_LIMITS.most).describe('Such connections at once.'),
          mostPerAddress: count(65_536, STRANGER_LIMITS.mostPerAddress).describe(
            'The same from one IPv4 address or IPv6 /64; many LCUs may be behind one address of a mobile network.',
          ),
          perSecond: count(10_000, STRANGER_LIMITS.perSecond).describe('New connections each second.'),
          perSecondPerAddress: count(10_000, STRANGER_LIMITS.perSecondPerAddress).describe('The same from one address.'),
        })
        .prefault({})
        .describe('Bounds for connections that have not proven which LCU they are.'),
    })
    .prefault({})
    .describe('Where LCUs connect to, over TLS.'),
  dial: z
    .array(
      z.strictObject({
        lcu: nameSchema.describe('Name of the LCU.'),
        host: z.string().min(1).max(253).describe('Its name or address in the VPN.'),
        port: z.int().min(1).max(65535).default(10_022).describe('TCP port that it listens at.'),
      }),
    )
    .refine((all) => new Set(all.map(({ lcu }) => lcu)).size === all.length, 'names an LCU twice')
    .default([])
    .describe(
      'LCUs that wait to be dialled over a VPN, instead of dialling this collector, where they are then refused. A change is taken up when it is started again.',
    ),
  pollSeconds: z.int().min(1).max(3600).default(300).describe('Length of a round: how often each LCU is polled, seconds.'),
  deadlineMs: z.int().min(100).max(60_000).default(10_000).describe('How long an answer may take, milliseconds.'),
  timeZone: z
    .string()
    .refine(isTimeZone, 'is not a time zone of the IANA database')
    .default('Europe/Madrid')
    .describe('Time zone of panels that have none of their own (`panel set`): days and months of readings are reckoned in it.'),
  tokenHours: z.int().min(1).max(720).default(24).describe('How long an enrolment token is valid, hours.'),
  releases: z
    .strictObject({
      keys: z
        .array(releaseKey)
        .max(16)
        .refine((keys) => new Set(keys).size === keys.length, 'names a key twice')
        .default([])
        .describe('Public release keys that this collector trusts, hexadecimal, as `release key` prints them.'),
      threshold: z.int().min(1).max(16).default(1).describe('How many of these keys must have signed a release.'),
    })
    .refine(({ keys, threshold }) => keys.length === 0 || threshold <= keys.length, {
      path: ['threshold'],
      message: 'is above the number of keys',
    })
    .prefault({})
    .describe('Which code of LCUs is approved.'),
  proof: z
    .strictObject({
      at: z
        .string()
        .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day such as 01:30')
        .default('01:30')
        .describe('When the ledger is proven each night, hours and minutes UTC.'),
      awayBefore: z
        .string()
        .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'is not a month such as 2026-06')
        .optional()
        .describe('Months before this one may have been moved away; the file of any other that is gone is reported.'),
    })
    .prefault({})
    .describe('The nightly proof of the ledger.'),
  uptime: z
    .strictObject({
      keepMonths: count(1_200, 36).describe(
        'How many past calendar months, in UTC, the outcomes of rounds are kept beside the present month; what is older is dropped once a day.',
      ),
    })
    .prefault({})
    .describe('What is kept for `farola-collector uptime`.'),
  metrics: z
    .strictObject({
      host: z
        .string()
        .refine(isLoopback, 'is not a loopback address: metrics have no password; let a proxy show them to others')
        .default('127.0.0.1')
        .describe('Loopback address to listen on.'),
      port: port.default(9464).describe('TCP port to listen on; 0 takes any free one.'),
    })
    .optional()
    .describe('Metrics for Prometheus at `/metrics`, see metrics.md; off unless it is there.'),
  log: z
    .strictObject({
      level: z.enum(['error', 'warn', 'info', 'debug']).default('info').describe('Least severity that is logged.'),
    })
    .prefault({})
    .describe('Structured log on standard output.'),
});

/** A checked configuration with every default filled in. */
export type CollectorConfig = z.output<typeof COLLECTOR_CONFIG>;
