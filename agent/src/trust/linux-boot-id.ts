import { readFileSync } from 'node:fs';
import { fromHex } from '@farola/shared';

const PATH = '/proc/sys/kernel/random/boot_id';

/** The kernel's boot id, 16 bytes: another one after each boot (random(4)). */
export function readBootId(path = PATH): Uint8Array {
  return fromHex(readFileSync(path, 'latin1').trim().replaceAll('-', ''));
}
