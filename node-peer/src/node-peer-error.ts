/**
 * - `bad-address`: the address of the stream is no watch URL.
 * - `port-in-use`: a port is taken: of WebRTC (`--port`) or of the streaming server
 *   (`--streaming-port`).
 * - `address-unavailable`: this machine has no such address to listen on (`--ip`).
 * - `bad-output`: no output has this form, or it cannot be opened; the message says which.
 */
export type NodePeerErrorCode =
  | "bad-address"
  | "port-in-use"
  | "address-unavailable"
  | "bad-output";

/** What kept the peer from starting. The message is one line for whoever started it. */
export class NodePeerError extends Error {
  override readonly name = "NodePeerError";

  constructor(
    readonly code: NodePeerErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
