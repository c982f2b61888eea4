import { errnoOf } from '../fs-failure.js';
import { FarolaError } from '../errors.js';

/** Why nobody can listen at an address, for what node and getaddrinfo(3) say of it. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'it is no address, and no machine is known by that name',
  EAI_AGAIN: 'nobody could be asked for the address of that name',
  EAFNOSUPPORT: 'this machine does not speak addresses of that kind',
};

/** The FarolaError of a server that could not listen: `address-in-use`, `permission-denied` of a low port, `address-unavailable`. */
export function listenFailure(error: Error, host: string, port: number): FarolaError {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const code = errnoOf(error) ?? '';
  const options = { cause: error };
  if (code === 'EADDRINUSE') return new FarolaError('address-in-use', { address }, options);
  if (code === 'EACCES') {
    const remedy = 'ports below 1024 need the capability CAP_NET_BIND_SERVICE; choose a higher one';
    return new FarolaError('permission-denied', { path: address, remedy }, options);
  }
  return new FarolaError('address-unavailable', { address, reason: REASONS[code] ?? error.message }, options);
}
