import type { SignedDescriptor, StreamDescriptor } from "#protocol";

/** Lets others join a stream through this peer: a tracker for one stream, which somebody else runs. */
export type Introducer = {
  /** Where this process reaches it. */
  readonly url: string;
  /** The stream as it is now; before the first one it is not known there. */
  describe(descriptor: StreamDescriptor, signed: SignedDescriptor): void;
};
