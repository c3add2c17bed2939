/**
 * - `key-unreadable`: the key file cannot be read or written; check path and permissions.
 * - `key-invalid`: the file is not a P-256 private key in PEM; name another one with `--key`.
 * - `port-in-use`: the UDP port for WebRTC is taken; choose another with `--webrtc-port`.
 */
export type IngestErrorCode = "key-unreadable" | "key-invalid" | "port-in-use";

/** The outside world kept the ingest from starting. The message is one line for an operator. */
export class IngestError extends Error {
  override readonly name = "IngestError";

  constructor(
    readonly code: IngestErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
