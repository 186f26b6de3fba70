import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An address in X-Forwarded-For, or as the node of Forwarded: alone, in brackets, and with or without a port. */
const NODE = /^\s*(?:\[([^\]]+)\]|([^:\s]+)|([^[\]\s]*:[^[\]\s]*:[^[\]\s]*))(?::\d{1,5})?\s*$/;
/** The node that a request came from, in one element of Forwarded (RFC 7239, section 4). */
const FORWARDED_FOR = /(?:^|;)\s*for\s*=\s*(?:"([^"]*)"|([^";\s]+))\s*(?=;|$)/i;

/** The reverse proxies whose forwarding headers are trusted. */
export class TrustedProxies {
  readonly #networks: BlockList | null;

  /** Each entry is an address or a network in CIDR notation, as `isNetwork` accepts it. */
  constructor(networks: readonly string[]) {
    this.#networks = networks.length === 0 ? null : blockListOf(networks);
  }

  /**
   * The address of the client, in canonical form. It starts with the peer of the connection and reads X-Forwarded-For, else
   * Forwarded, from right to left while each hop is a trusted proxy. The first untrusted address is the client; entries to
   * its left may be forged. If an entry is not an address, the result is the proxy that wrote it.
   */
  clientOf({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): string {
    let client = canonicalAddress(socket.remoteAddress ?? '');
    if (this.#networks === null) return client;
    for (const hop of hopsOf(headers).toReversed()) {
      if (hop === null || !this.#isTrusted(client)) return client;
      client = hop;
    }
    return client;
  }

  #isTrusted(address: string): boolean {
    return this.#networks?.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') ?? false;
  }
}

/** The canonical form of an address; IPv4-mapped IPv6 becomes IPv4 (RFC 4291, section 2.5.5.2). Other text is unchanged. */
function canonicalAddress(text: string): string {
  return isIP(text) === 0 ? text : ipaddr.process(text).toString();
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
}

/** The hops in the headers, the client first; null for each entry that is not an address. */
function hopsOf(headers: IncomingHttpHeaders): (string | null)[] {
  const { 'x-forwarded-for': forwardedFor, forwarded } = headers;
  if (forwardedFor !== undefined) return String(forwardedFor).split(',').map(addressOf);
  if (forwarded === undefined) return [];
  return forwarded.split(',').map((element) => {
    const node = FORWARDED_FOR.exec(element);
    return addressOf(node?.[1] ?? node?.[2] ?? '');
  });
}

function addressOf(text: string): string | null {
  const node = NODE.exec(text);
  const address = node?.[1] ?? node?.[2] ?? node?.[3] ?? '';
  return isIP(address) === 0 ? null : canonicalAddress(address);
}
