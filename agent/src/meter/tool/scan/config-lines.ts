import type { LineConfig } from '../../../config/config-schema.js';
import type { AnsweringUnit, FoundUnit } from './scan-line.js';

/** How a serial line is set, as people say it: `9600 8N1`; of a network line its address. */
export function settingText(line: LineConfig): string {
  if (line.transport !== 'rtu') return `${line.transport} ${line.host}:${line.port}`;
  return `${line.baud} ${line.dataBits}${line.parity.slice(0, 1).toUpperCase()}${line.stopBits}`;
}

/**
 * The part of a configuration that reads these units, to be pasted. A line has one setting: units of another one stand as
 * comments, and so does who is not known. Where several profiles fit one unit all of them stand as comments, since a person must choose.
 * @param unasked units that answered, and were not asked what they are
 * @param path of a serial port, where it has a name that stays
 */
export function configLines(found: readonly FoundUnit[], unasked: readonly AnsweringUnit[] = [], path?: string): string[] {
  const [first] = [...found, ...unasked];
  if (!first) return [];
  const { line } = first;
  const set = settingText(line);
  const lineText =
    line.transport === 'rtu'
      ? `{ id: ${line.id}, transport: rtu, path: ${path ?? line.path}, baud: ${line.baud}, parity: ${line.parity}, stopBits: ${line.stopBits} }`
      : `{ id: ${line.id}, transport: ${line.transport}, host: ${line.host}, port: ${line.port} }`;
  const other = [...found, ...unasked]
    .filter((one) => settingText(one.line) !== set)
    .map(({ unit, line: own }) => `unit ${unit} (${settingText(own)})`);
  return [
    'lines:',
    `  - ${lineText}`,
    ...(other.length === 0 ? [] : [`  # set otherwise, and a line has one setting: ${other.join(', ')}`]),
    'analysers:',
    ...found.toSorted((a, b) => a.unit - b.unit).flatMap((one) => analyserLines(one, settingText(one.line) === set)),
    ...unasked.map(({ unit }) => `  # unit ${unit}: it was not asked yet what it is: scan again with --units ${unit}`),
  ];
}

function analyserLines({ line, unit, recognised, perhaps }: FoundUnit, fits: boolean): string[] {
  const known = recognised.looksLike.map(({ profileId }) => profileId);
  const profiles = known.length > 0 ? known : perhaps;
  const doubt = known.length > 0 ? '' : 'by its values alone: look at its plate';
  if (profiles.length === 0) return [`  # unit ${unit}: no profile is known to fit; see \`farola-agent meter doctor\``];
  const entries = profiles.map((profile) => `- { id: unit-${unit}, line: ${line.id}, unit: ${unit}, profile: ${profile} }`);
  if (entries.length === 1) return entries.map((entry) => `  ${fits ? '' : '# '}${entry}${doubt === '' ? '' : ` # ${doubt}`}`);
  const many = `unit ${unit} fits ${entries.length} profiles${doubt === '' ? ': look at its plate' : ` ${doubt}`}, and keep one`;
  return [`  # ${many}`, ...entries.map((entry) => `  # ${entry}`)];
}
