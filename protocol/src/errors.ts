/**
 * Why bytes from a peer were refused. All of them mean: the sender is broken or hostile, count it
 * against the connection they came over.
 *
 * - `truncated`: the message ends before its last field.
 * - `trailing-bytes`: there is more after the last field.
 * - `unknown-type`: no message has this type byte. Receivers skip these, so that later versions
 *   can add messages.
 * - `bad-value`: a field is out of its range.
 * - `too-long`: a list or the whole message is above its limit.
 */
export type DecodeErrorCode =
  | "truncated"
  | "trailing-bytes"
  | "unknown-type"
  | "bad-value"
  | "too-long";

/** Bytes from outside that are not what they should be. `offset` is where reading stopped. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";

  constructor(
    readonly code: DecodeErrorCode,
    readonly offset: number,
    detail: string,
  ) {
    super(`${code} at byte ${offset}: ${detail}`);
  }
}
