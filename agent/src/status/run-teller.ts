import * as z from 'zod';

/** Who tells a status. Neither version nor birth was told before there was a field for it. */
export const teller = {
  pid: z.int().positive(),
  /** By which the process is known from a later one of its number, see ProcessBirth. */
  birth: z.object({ boot: z.string(), startTicks: z.number() }).optional(),
  /** Version of the agent that runs. */
  version: z.string().optional(),
};

/** As much of a status as an agent of any version tells, wall time in ms since 1970 UTC. */
export const anyRunStatusSchema = z.object({ ...teller, startedMs: z.number().optional() });

/** An agent that runs and tells of itself what this version does not understand: another version. */
export type ForeignRun = z.output<typeof anyRunStatusSchema>;
