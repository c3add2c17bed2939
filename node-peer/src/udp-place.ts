import { freeUdpPort, type UdpPlace, UdpPortError } from "#transport/udp";
import { NodePeerError } from "./node-peer-error.ts";

/**
 * Where to meet other peers, with a port that is free.
 * @throws {NodePeerError} `port-in-use`, `address-unavailable`
 */
export async function findUdpPlace({ port, bindAddress }: UdpPlace): Promise<UdpPlace> {
  try {
    return { port: await freeUdpPort({ port, bindAddress }), bindAddress };
  } catch (cause) {
    if (!(cause instanceof UdpPortError)) throw cause;
    throw new NodePeerError(
      cause.code,
      cause.code === "port-in-use"
        ? `UDP port ${port} cannot be had; stop what uses it or choose another with --port`
        : `${bindAddress} is no address of this machine; --ip takes one of its own`,
      { cause },
    );
  }
}
