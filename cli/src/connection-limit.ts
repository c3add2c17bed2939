import type { Server } from "node:http";
import { isLoopback } from "#signaling";

/**
 * TCP connections of one address. A browser has six and a WebSocket, a school behind one NAT some hundreds;
 * each costs us a descriptor and some KB for as long as it takes its time.
 */
const PER_ADDRESS = 1000;

/**
 * Refuse what one address opens beyond that: requests that never end must not take all there are. This
 * machine may, for reverse proxies and test swarms are there.
 * @param isExempt Default: loopback.
 */
export function limitConnections(
  server: Pick<Server, "on">,
  { perAddress = PER_ADDRESS, isExempt = isLoopback } = {},
): void {
  const open = new Map<string, number>();
  server.on("connection", (socket) => {
    const address = socket.remoteAddress;
    if (address === undefined || isExempt(address)) return;
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once("close", () => {
      const left = (open.get(address) ?? 0) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
    if (count > perAddress) socket.destroy();
  });
}
