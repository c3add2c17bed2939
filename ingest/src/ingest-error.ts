/**
 * - `key-unreadable`: the key file cannot be read or written; check path and permissions.
 * - `key-invalid`: the file is not a P-256 private key in PEM; name another one with `--key`.
 * - `port-in-use`: a port is taken: of WebRTC (`--webrtc-port`) or of an input that listens.
 * - `address-unavailable`: an input names an address this machine cannot listen on.
 * - `input-unsupported`: no source has this form; the message lists those there are.
 * - `input-unreadable`: the input file is missing, empty, not a file or cannot be read.
 * - `ffmpeg-missing`: the input needs ffmpeg, and there is none; install it or name it.
 * - `ffmpeg-too-old`: there is one, but not a new enough one.
 * - `recording-unwritable`: the directory of `--record` cannot be made or written.
 * - `config-invalid`: a file of streams, or a stream sent to the control API, is not as it must be; the
 *   message begins with the place.
 * - `name-taken`, `key-taken`, `publish-key-taken`: another stream of this process has it already.
 * - `too-many-streams`: one process carries no more; start another.
 * - `stream-crashed`: code of this stream failed while it was opened; the log has where.
 */
export type IngestErrorCode =
  | "key-unreadable"
  | "key-invalid"
  | "port-in-use"
  | "address-unavailable"
  | "input-unsupported"
  | "input-unreadable"
  | "ffmpeg-missing"
  | "ffmpeg-too-old"
  | "recording-unwritable"
  | "config-invalid"
  | "name-taken"
  | "key-taken"
  | "publish-key-taken"
  | "too-many-streams"
  | "stream-crashed";

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
