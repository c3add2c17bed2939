import { isIPv4, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import { IngestError } from "../ingest-error.ts";

/** Whether an address is one of a multicast group: 224.0.0.0/4 or ff00::/8. */
export function isMulticast(host: string): boolean {
  if (isIPv4(host)) return (Number(host.split(".", 1)[0]) & 0xf0) === 0xe0;
  return isIPv6(host) && /^ff/i.test(host);
}

/**
 * What a socket wants to hear to join a group on one interface.
 * @param wanted Name or address of the interface, as in `--interface`; undefined lets the system
 * choose.
 * @throws {IngestError} `address-unavailable`, naming the interfaces there are.
 */
export function membershipInterface(group: string, wanted: string | undefined): string | undefined {
  if (wanted === undefined) return undefined;
  const interfaces = networkInterfaces();
  const family = isIPv4(group) ? "IPv4" : "IPv6";
  for (const [name, addresses = []] of Object.entries(interfaces)) {
    for (const { address, family: itsFamily } of addresses) {
      if (itsFamily !== family || (name !== wanted && address !== wanted)) continue;
      return family === "IPv4" ? address : `::%${name}`;
    }
  }
  throw new IngestError(
    "address-unavailable",
    `no network interface ${JSON.stringify(wanted)} with ${family}; there are ${Object.keys(interfaces).join(", ")}`,
  );
}
