import { profileSchema } from '@farola/agent/meter/profile/profile-schema.js';
import type { Profile } from '@farola/agent/meter/profile/profile.js';

/** A profile with these rows; other fields as a plain meter has them, unless given. */
export function profileWith(rows: readonly object[], fields: object = {}): Profile {
  const plain = {
    id: 'plain',
    vendor: 'none',
    models: ['plain'],
    functionCode: 4,
    trust: 'code',
    sources: [{ id: 'test', document: 'a test', kind: 'program' }],
  };
  return profileSchema.parse({ ...plain, ...fields, rows });
}
