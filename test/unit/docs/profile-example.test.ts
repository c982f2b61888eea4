import { readFileSync } from 'node:fs';
import { examineProfile } from '@farola/agent/meter/profile/examine-profile.js';
import test from 'ava';

/** What docs/profiles.md shows as a profile. */
function examples(): string[] {
  const text = readFileSync(new URL('../../../../docs/profiles.md', import.meta.url), 'utf8');
  return [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, yaml = '']) => yaml);
}

test('the profile that docs/profiles.md shows is good, leaves nothing open, and names the register of the tariff', (t) => {
  const profiles = examples();
  t.is(profiles.length, 1);
  for (const text of profiles) {
    const id = /^id: (.*)$/m.exec(text)?.[1] ?? '';
    const { profile, problems } = examineProfile(text, `/etc/farola/profiles/${id}.yaml`);
    t.deepEqual(problems, []);
    t.like(
      profile?.setup.find(({ what }) => what === 'tariff'),
      { addr: 0x0320, type: 'u16' },
    );
  }
});
