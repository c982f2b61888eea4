import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { FarolaError, type Refusal } from '@farola/shared';
import { parseAddress } from './address.js';
import { checkChain, type PinnedCollector } from './check-chain.js';

/** Longest chain that is looked at. */
const CHAIN_LIMIT = 8;

/** Judges the certificates that were shown, leaf first; undefined when all is well. */
export type JudgeChain = (chain: readonly X509Certificate[], pinned: PinnedCollector) => Refusal | undefined;

/**
 * Opens a TLS connection to a collector and checks its certificates before one byte of ours is sent over it.
 * @param judge by the pins, unless told
 * @throws FarolaError `collector-unreachable`, `pin-mismatch`, `certificate-invalid`
 */
export function connectPinned(
  pinned: PinnedCollector,
  timeoutMs: number,
  signal?: AbortSignal,
  judge: JudgeChain = checkChain,
): Promise<TLSSocket> {
  const { address } = pinned;
  const { host, port } = parseAddress(address);
  return new Promise((resolve, reject) => {
    // The chain is judged below by its pin; no public authority has a say in it, nor is one read (Node would read all).
    const name = isIP(host) ? {} : { servername: host };
    const socket = connect({ host, port, ca: [], rejectUnauthorized: false, minVersion: 'TLSv1.3', ...name });
    const settle = (): void => {
      signal?.removeEventListener('abort', abort);
      socket.setTimeout(0);
      socket.off('timeout', silent).off('error', broken).off('close', closed);
    };
    const fail = (error: Error): void => {
      settle();
      socket.on('error', () => undefined).destroy();
      reject(error);
    };
    const unreachable = (reason: string, cause?: Error): void =>
      fail(new FarolaError('collector-unreachable', { address, reason }, { cause }));
    const abort = (): void => unreachable('stopped');
    const silent = (): void => unreachable(`no answer within ${timeoutMs} ms`);
    const broken = (error: Error): void => unreachable(reasonOf(error), error);
    const closed = (): void => unreachable('it closed the connection');
    socket.setTimeout(timeoutMs);
    socket.on('timeout', silent).on('error', broken).on('close', closed);
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    socket.once('secureConnect', () => {
      const refusal = judge(chainOf(socket), pinned);
      if (refusal) return fail(new FarolaError(refusal.code, refusal.facts));
      settle();
      resolve(socket);
    });
  });
}

function chainOf(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next: Partial<DetailedPeerCertificate> | undefined = socket.getPeerCertificate(true);
  const seen = new Set<unknown>();
  while (next?.raw && !seen.has(next) && chain.length < CHAIN_LIMIT) {
    seen.add(next);
    chain.push(new X509Certificate(next.raw));
    next = next.issuerCertificate;
  }
  return chain;
}

function reasonOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return `no TLS there (${code})`;
  return error.message || code;
}
