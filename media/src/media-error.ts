/**
 * Bytes that are not the media they should be.
 *
 * - `truncated`: a box or a field ends before it should.
 * - `missing-box`: a box that must be there is not.
 * - `bad-box`: a box is there and says something impossible.
 * - `unsupported`: well-formed, but not something livemesh plays.
 */
export type MediaErrorCode = "truncated" | "missing-box" | "bad-box" | "unsupported";

export class MediaError extends Error {
  override readonly name = "MediaError";

  constructor(
    readonly code: MediaErrorCode,
    detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}
