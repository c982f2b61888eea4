import { join } from 'node:path';

/** Name of the control socket in the run folder. */
const CONTROL_SOCKET = 'control.sock';
/** Longest path of a Unix socket on Linux, bytes: unix(7), `sun_path` without its end. Of a longer one the rest would be cut off. */
const SOCKET_PATH_BYTES = 107;

/** Longest run folder, bytes. */
export const RUN_DIR_BYTES = SOCKET_PATH_BYTES - `/${CONTROL_SOCKET}`.length;

/** Where the control socket of a collector is. */
export function controlPath(runDir: string): string {
  return join(runDir, CONTROL_SOCKET);
}

/** Whether a control socket can be made in this run folder. */
export function holdsControl(runDir: string): boolean {
  return Buffer.byteLength(controlPath(runDir)) <= SOCKET_PATH_BYTES;
}
