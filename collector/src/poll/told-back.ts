import { cutFrame, KINDS } from '@farola/shared';

/** What an LCU answers to the messages that are brought to it beside polls. */
const TOLD_BACK: ReadonlySet<number> = new Set([KINDS.commandAnswer.number, KINDS.keysTaken.number]);

/** Whether a frame says that it is of those; its signature is not looked at. */
export function isToldBack(frame: Uint8Array): boolean {
  try {
    return TOLD_BACK.has(cutFrame(frame).kind);
  } catch {
    return false;
  }
}
