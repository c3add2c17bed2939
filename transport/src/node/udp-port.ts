import { createSocket } from "node:dgram";

/**
 * Whether a UDP port can be bound right now. node-datachannel itself says nothing when its port is
 * taken: connections just never open.
 */
export function isUdpPortFree(port: number, bindAddress?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(bindAddress?.includes(":") ? "udp6" : "udp4");
    socket.once("error", () => {
      socket.close();
      resolve(false);
    });
    socket.bind(port, bindAddress, () => socket.close(() => resolve(true)));
  });
}
