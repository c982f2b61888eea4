import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainPlan } from '@farola/agent/meter/plan/explain-plan.js';
import { parseProfile } from '@farola/agent/meter/profile/parse-profile.js';
import { SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import { profileSchema } from '@farola/agent/meter/profile/profile-schema.js';
import { configFields } from './config-fields.js';
import { code, table } from './markdown.js';

function fields(): string {
  const seen = new Set<string>();
  const rows = configFields(profileSchema).flatMap(({ path, type, fallback, range, description }) => {
    if (seen.has(path)) return [];
    seen.add(path);
    const shown = path === 'rows[].quantity' ? 'a name of the registry' : range;
    return [[code(path), type, fallback, shown, description]];
  });
  return table(['field', 'type', 'default', 'range', 'meaning'], rows);
}

function shipped(): string {
  const folder = SHIPPED_PROFILES.path;
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  const rows = files.toSorted().map((name) => {
    const path = join(folder, name);
    const { profile } = parseProfile(readFileSync(path), path, 'shipped');
    const { requests, registers, ms, oneByOne, adjacentOnly } = explainPlan(profile);
    return [
      code(profile.id),
      `${profile.vendor} ${profile.models.join(', ')}`,
      profile.trust,
      String(profile.rows.length),
      String(requests),
      String(registers),
      (ms / 1_000).toFixed(2),
      (oneByOne.ms / 1_000).toFixed(2),
      (adjacentOnly.ms / 1_000).toFixed(2),
    ];
  });
  const titles = [
    'profile',
    'models',
    'trust',
    'rows',
    'requests',
    'registers',
    'pass, s',
    'one by one, s',
    'neighbours only, s',
  ];
  return table(titles, rows);
}

/** The tables of docs/profiles.md, by the name of their marker. */
export function profileTables(): ReadonlyMap<string, string> {
  return new Map([
    ['profile-fields', fields()],
    ['shipped-profiles', shipped()],
  ]);
}
