import { KINDS, type LiveKind, readFrame, refuse, type Result } from '@farola/shared';

/**
 * The signed part of a frame that must be of this kind, with nothing beside it. Refuses with `frame-malformed` or
 * `frame-kind-unexpected`; the signature is not looked into.
 */
export function signedOfKind(kind: LiveKind, bytes: Uint8Array): Result<Uint8Array> {
  const frame = readFrame(bytes);
  if (!frame.ok) return frame;
  const { kind: number, signed, attachment } = frame.value;
  if (number !== KINDS[kind].number) return refuse('frame-kind-unexpected', { kind: number });
  if (attachment) return refuse('frame-malformed', { reason: 'an attachment is not expected' });
  return { ok: true, value: signed };
}
