import { examineYaml, type YamlProblem } from '@farola/shared';
import * as z from 'zod';
import { LINE_SCHEMAS } from './config-schema.js';

const anything = z.unknown().optional();
const serial = LINE_SCHEMAS.rtu.extend({ transport: anything });
const gateways = [
  LINE_SCHEMAS['modbus-tcp'].extend({ transport: anything }),
  LINE_SCHEMAS['rtu-over-tcp'].extend({ transport: anything }),
] as const;
const { id, timeoutMs, gapMs, unitGapMs, worstLatenessMs } = LINE_SCHEMAS.rtu.shape;
/** What every line may have. */
const anyLine = z.looseObject({ id, timeoutMs, gapMs, unitGapMs, worstLatenessMs });

const lineFields = z.looseObject({ transport: anything, path: anything, host: anything });

const linesOfUnknownTransport = z.looseObject({
  lines: z
    .array(
      z.unknown().check((context) => {
        for (const issue of issuesOf(context.value)) context.issues.push({ ...issue, input: undefined });
      }),
    )
    .optional(),
});

/**
 * What else is wrong with lines whose transport is none: the schema cannot tell, since it does not know which fields such a line may
 * have. A line with a path was meant as a serial port, one with a host as a gateway of the kind that it fits better.
 * @returns each problem with its path and line; of a text whose lines are no list what the schema says as well
 */
export function hiddenLineProblems(text: string): readonly YamlProblem[] {
  return examineYaml(text, linesOfUnknownTransport).problems;
}

function issuesOf(line: unknown): readonly z.core.$ZodIssue[] {
  const fields = lineFields.safeParse(line).data;
  if (!fields || Object.keys(LINE_SCHEMAS).some((known) => known === fields.transport)) return [];
  return meantBy(fields)
    .map((schema) => schema.safeParse(line).error?.issues ?? [])
    .reduce((best, next) => (next.length < best.length ? next : best));
}

function meantBy({ path, host }: z.output<typeof lineFields>): readonly [z.ZodType, ...z.ZodType[]] {
  if (path !== undefined) return [serial];
  return host === undefined ? [anyLine] : gateways;
}
