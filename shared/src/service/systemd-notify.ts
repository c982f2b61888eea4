import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { NO_SERVICE_MANAGER, type ServiceManager, type ServiceState } from './service-manager.js';

/** Of Debian's package systemd: node itself opens no datagram sockets of AF_UNIX (docs/decisions/030). */
export const SYSTEMD_NOTIFY = '/usr/bin/systemd-notify';
/** It waits until the manager has read the message; a manager that does not read must not keep the program. */
const LIMIT_MS = 5_000;
/** A line of `systemctl status`. */
const STATUS_LENGTH = 200;

/** Sends one message to the manager at `socket`. Rejects with why it could not. */
export type SendNotice = (assignments: readonly string[], socket: string) => Promise<void>;

/**
 * The systemd that started this process, as its environment says (sd_notify(3), sd_watchdog_enabled(3)); without one,
 * nobody is told.
 * @param failed told of the first message that could not be sent, and of the first again after some could
 */
export function systemdServiceManager(
  variables: Readonly<Record<string, string | undefined>>,
  failed: (error: Error) => void,
  send: SendNotice = sendBySystemdNotify,
): ServiceManager {
  const socket = variables['NOTIFY_SOCKET'];
  return socket ? new SystemdNotify(socket, watchdogMsOf(variables), failed, send) : NO_SERVICE_MANAGER;
}

function watchdogMsOf(variables: Readonly<Record<string, string | undefined>>): number | undefined {
  const us = Number(variables['WATCHDOG_USEC'] ?? '');
  const forUs = (variables['WATCHDOG_PID'] ?? String(process.pid)) === String(process.pid);
  return forUs && Number.isSafeInteger(us) && us > 0 ? us / 1_000 : undefined;
}

class SystemdNotify implements ServiceManager {
  readonly watchdogMs: number | undefined;
  readonly #socket: string;
  readonly #failed: (error: Error) => void;
  readonly #send: SendNotice;
  #waiting: ServiceState | undefined;
  #sending: Promise<void> | undefined;
  #isFailing = false;

  constructor(socket: string, watchdogMs: number | undefined, failed: (error: Error) => void, send: SendNotice) {
    this.watchdogMs = watchdogMs;
    this.#socket = socket;
    this.#failed = failed;
    this.#send = send;
  }

  tell(state: ServiceState): void {
    this.#waiting = { ...this.#waiting, ...state };
    this.#sending ??= this.#sendAll();
  }

  async told(): Promise<void> {
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    for (let state = this.#waiting; state; state = this.#waiting) {
      this.#waiting = undefined;
      try {
        await this.#send(assignmentsOf(state), this.#socket);
        this.#isFailing = false;
      } catch (error) {
        if (!this.#isFailing) this.#failed(error instanceof Error ? error : new Error(String(error)));
        this.#isFailing = true;
      }
    }
    this.#sending = undefined;
  }
}

function assignmentsOf({ ready, stopping, alive, status, moreTimeMs }: ServiceState): string[] {
  return [
    ...(ready ? ['READY=1'] : []),
    ...(stopping ? ['STOPPING=1'] : []),
    ...(alive ? ['WATCHDOG=1'] : []),
    ...(moreTimeMs === undefined ? [] : [`EXTEND_TIMEOUT_USEC=${Math.round(moreTimeMs * 1_000)}`]),
    // A line end would begin another assignment.
    ...(status === undefined ? [] : [`STATUS=${status.replaceAll(/\p{Cc}+/gu, ' ').slice(0, STATUS_LENGTH)}`]),
  ];
}

async function sendBySystemdNotify(assignments: readonly string[], socket: string): Promise<void> {
  await promisify(execFile)(SYSTEMD_NOTIFY, [...assignments], { env: { NOTIFY_SOCKET: socket }, timeout: LIMIT_MS });
}
