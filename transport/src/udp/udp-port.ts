import { createSocket } from "node:dgram";
import { once } from "node:events";

/** Where links meet others: one UDP port for all of them. */
export type UdpPlace = {
  /** 0 lets the system choose. */
  port: number;
  /** Local address to listen on; undefined is all. */
  bindAddress: string | undefined;
};

/**
 * - `port-in-use`: something else has the port, or it needs more rights.
 * - `address-unavailable`: this machine has no such address.
 */
export type UdpPortErrorCode = "port-in-use" | "address-unavailable";

/** A UDP port cannot be had. Whoever asked knows which option moves it. */
export class UdpPortError extends Error {
  override readonly name = "UdpPortError";

  constructor(
    readonly code: UdpPortErrorCode,
    options?: ErrorOptions,
  ) {
    super(`UDP: ${code}`, options);
  }
}

/**
 * The port that could be bound; it is free again. WebRTC itself says nothing when its port is taken:
 * connections just never open.
 * @throws {UdpPortError}
 */
export async function freeUdpPort({ port, bindAddress }: UdpPlace): Promise<number> {
  const socket = createSocket(bindAddress?.includes(":") ? "udp6" : "udp4");
  try {
    socket.bind(port, bindAddress);
    await once(socket, "listening");
    return socket.address().port;
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    const isTaken = code === "EADDRINUSE" || code === "EACCES";
    throw new UdpPortError(isTaken ? "port-in-use" : "address-unavailable", { cause });
  } finally {
    socket.close();
  }
}
