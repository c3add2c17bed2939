/** Bytes of an output format that are sent together or not at all. */
export type Piece = {
  bytes: Uint8Array;
  /** Whoever begins with this one can decode: a key frame, with what has to come before it. */
  isEntry: boolean;
  /** Where it begins on the output's time line, in ms. */
  startMs: number;
};
