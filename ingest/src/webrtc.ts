import { freeUdpPort, type UdpPlace, UdpPortError } from "#transport/udp";
import { IngestError } from "./ingest-error.ts";

/**
 * A place for the seeders of all streams, with a port that is free.
 * @throws {IngestError} `port-in-use`, `address-unavailable`
 */
export async function findWebrtcPlace({ port, bindAddress }: UdpPlace): Promise<UdpPlace> {
  try {
    return { port: await freeUdpPort({ port, bindAddress }), bindAddress };
  } catch (cause) {
    if (!(cause instanceof UdpPortError)) throw cause;
    throw new IngestError(
      cause.code,
      cause.code === "port-in-use"
        ? `UDP port ${port} is in use; stop what uses it or choose another with --webrtc-port`
        : `${bindAddress} is no address of this machine; --host takes one of its own`,
      { cause },
    );
  }
}
