import { FarolaError } from '@farola/shared';

/** Host and port of a collector. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORT = 443;

/**
 * Reads an address `wss://host:port`; an IPv6 host stands in brackets.
 * @throws FarolaError `collector-unreachable` for anything else
 */
export function parseAddress(address: string): HostAndPort {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'wss:' || url.hostname === '') {
    throw new FarolaError('collector-unreachable', { address, reason: 'it is not of the form wss://host:port' });
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: url.port === '' ? DEFAULT_PORT : Number(url.port) };
}
