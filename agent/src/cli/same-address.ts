import { lookup } from 'node:dns/promises';

/** Where something listens on the network. */
export interface NetworkAddress {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
}

/** Whether both mean the same place, be one a name and the other its address. Names are looked up only where the ports agree. */
export async function areSameAddress(one: NetworkAddress, other: NetworkAddress): Promise<boolean> {
  if (one.port !== other.port) return false;
  if (one.host.toLowerCase() === other.host.toLowerCase()) return true;
  const [some, others] = await Promise.all([addressesOf(one.host), addressesOf(other.host)]);
  return some.some((address) => others.includes(address));
}

/** None where the name is not known: then it cannot be called either. */
async function addressesOf(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => address);
}
