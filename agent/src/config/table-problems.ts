import { encodeEntry, LIMITS } from '@farola/shared';
import { analyserRows } from '../meter/analyser-rows.js';
import type { Profiles } from '../meter/profile/profile-file.js';
import type { AgentConfig } from './config-schema.js';
import type { FieldProblem } from './field-problem.js';

/** Most bytes of a start entry beside its table: times, boot, the epoch before, two hashes and the version of the agent. */
const BESIDE_BYTES = 320;

/** Whether the analyser table fits into the entry that each epoch begins with: of many groups with long names it may not. */
export function tableProblems(config: AgentConfig, profiles: Profiles): FieldProblem[] {
  const analysers = analyserRows(config, profiles).map(({ row }) => row);
  const at = { monoMs: 0, wallMs: 0, quality: 'none' } as const;
  const bytes = encodeEntry({ kind: 'table', at, analysers, retired: [] }).length + BESIDE_BYTES;
  if (bytes <= LIMITS.entryBytes) return [];
  const room = `${bytes} bytes in the journal, more than the ${LIMITS.entryBytes} of an entry`;
  const message = `their table, with a row for each scan group, takes ${room}: have fewer groups, or shorter names`;
  return [{ path: ['analysers'], message }];
}
