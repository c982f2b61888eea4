import type { LineConfig } from '../../../config/config-schema.js';
import type { FoundUnit } from './scan-line.js';

/** How a serial line is set, as people say it: `9600 8N1`; of a network line its address. */
export function settingText(line: LineConfig): string {
  if (line.transport !== 'rtu') return `${line.transport} ${line.host}:${line.port}`;
  return `${line.baud} ${line.dataBits}${line.parity.slice(0, 1).toUpperCase()}${line.stopBits}`;
}

/**
 * The part of a configuration that reads these units, to be pasted. A line has one setting: units of another one stand as
 * comments, and so does who is not known.
 * @param path of a serial port, where it has a name that stays
 */
export function configLines(found: readonly FoundUnit[], path?: string): string[] {
  const [first] = found;
  if (!first) return [];
  const { line } = first;
  const set = settingText(line);
  const lineText =
    line.transport === 'rtu'
      ? `{ id: ${line.id}, transport: rtu, path: ${path ?? line.path}, baud: ${line.baud}, parity: ${line.parity}, stopBits: ${line.stopBits} }`
      : `{ id: ${line.id}, transport: ${line.transport}, host: ${line.host}, port: ${line.port} }`;
  const other = found
    .filter((one) => settingText(one.line) !== set)
    .map(({ unit, line: own }) => `unit ${unit} (${settingText(own)})`);
  return [
    'lines:',
    `  - ${lineText}`,
    ...(other.length === 0 ? [] : [`  # set otherwise, and a line has one setting: ${other.join(', ')}`]),
    'analysers:',
    ...found.toSorted((a, b) => a.unit - b.unit).map((one) => analyserLine(one, settingText(one.line) === set)),
  ];
}

function analyserLine({ line, unit, recognised, perhaps }: FoundUnit, fits: boolean): string {
  const known = recognised.looksLike.map(({ profileId }) => profileId);
  const [profile, ...others] = known.length > 0 ? known : perhaps;
  if (profile === undefined) return `  # unit ${unit}: no profile is known to fit; see \`farola-agent meter doctor\``;
  const entry = `- { id: unit-${unit}, line: ${line.id}, unit: ${unit}, profile: ${profile} }`;
  const doubt = known.length > 0 ? [] : ['by its values alone: look at its plate'];
  const remarks = [...doubt, ...(others.length === 0 ? [] : [`or ${others.join(', ')}`])];
  return `  ${fits ? '' : '# '}${entry}${remarks.length === 0 ? '' : ` # ${remarks.join('; ')}`}`;
}
