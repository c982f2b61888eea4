import { whyNoMount } from './mounts.js';
import { type DeclareTest, testUnless } from './test-unless.js';

/** Declares a test that uses a `tinyDisk`; skipped where memory cannot be mounted. */
export const tinyDiskTest: DeclareTest = onceAsked(() => testUnless(whyNoMount('memory')));

/** Declares a test that uses a `breakingDisk`; skipped where an ext4 cannot be made and mounted. */
export const breakingDiskTest: DeclareTest = onceAsked(() => testUnless(whyNoMount('image')));

function onceAsked(ask: () => DeclareTest): DeclareTest {
  let declare: DeclareTest | undefined;
  return (title, body) => (declare ??= ask())(title, body);
}
