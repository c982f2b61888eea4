import { FarolaError } from '@farola/shared';

const LAST_PORT = 65_535;

/** `host:port` of the command line, an IPv6 host in brackets. Error: `usage`. */
export function listenAt(text: string): { readonly host: string; readonly port: number } {
  const at = /^(?:\[(?<six>[^\]]+)\]|(?<host>[^:]+)):(?<port>\d+)$/.exec(text)?.groups;
  const host = at?.['six'] ?? at?.['host'];
  if (!at || host === undefined) throw new FarolaError('usage', { reason: `--listen ${text} is not host:port` });
  const port = Number(at['port']);
  if (port > LAST_PORT) throw new FarolaError('usage', { reason: `--listen ${text}: a port is at most ${LAST_PORT}` });
  return { host, port };
}
