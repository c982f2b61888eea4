import type { ByteTransport } from '../../line/byte-transport.js';
import type { Transfer } from './transcript.js';

/** A transport of which everything that happens is noted. @param nowMs ms since the recording began */
export function recordingTransport(inner: ByteTransport, nowMs: () => number, note: (transfer: Transfer) => void): ByteTransport {
  const { address, holdsBack, tellsApart, collect } = inner;
  return {
    address,
    holdsBack,
    tellsApart,
    open: async (events) => {
      await inner.open({
        ...events,
        onBytes: (bytes) => {
          note({ atMs: nowMs(), kind: 'received', bytes: Uint8Array.from(bytes) });
          events.onBytes(bytes);
        },
        onLost: (reason) => {
          note({ atMs: nowMs(), kind: 'lost', reason });
          events.onLost(reason);
        },
      });
      note({ atMs: nowMs(), kind: 'open' });
    },
    write: (bytes) => {
      note({ atMs: nowMs(), kind: 'sent', bytes: Uint8Array.from(bytes) });
      inner.write(bytes);
    },
    ...(collect ? { collect: () => collect() } : {}),
    close: async () => {
      note({ atMs: nowMs(), kind: 'close' });
      await inner.close();
    },
  };
}
