import { FarolaError } from '@farola/shared';

/** `host:port` of the command line, an IPv6 host in brackets. Error: `usage`. */
export function listenAt(text: string): { readonly host: string; readonly port: number } {
  const at = /^(?:\[(?<six>[^\]]+)\]|(?<host>[^:]+)):(?<port>\d+)$/.exec(text)?.groups;
  const host = at?.['six'] ?? at?.['host'];
  if (!at || host === undefined) throw new FarolaError('usage', { reason: `--listen ${text} is not host:port` });
  return { host, port: Number(at['port']) };
}
