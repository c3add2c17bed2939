import type { Block, SignedDescriptor, StreamDescriptor, StreamId } from "#protocol";

/** Checks what a stream's publisher signed. One per stream; the key comes from the descriptor. */
export interface BlockVerifier {
  /** Resolves to false for anything wrong; never rejects. */
  verify(block: Block): Promise<boolean>;
}

/** The asymmetric cryptography livemesh needs, by WebCrypto or, without a secure context, noble. */
export interface Crypto256 {
  sha256(bytes: Uint8Array): Promise<Uint8Array>;
  /** @param publicKey Uncompressed point, 65 bytes. @param signature r ‖ s, 64 bytes. */
  verifyP256(publicKey: Uint8Array, signature: Uint8Array, input: Uint8Array): Promise<boolean>;
}

/**
 * A descriptor that is what it claims to be: its key hashes to the expected stream id, and that key
 * signed its text. @throws {TypeError} In one line, otherwise.
 */
export type OpenDescriptor = (
  crypto: Crypto256,
  expected: StreamId,
  signed: SignedDescriptor,
) => Promise<StreamDescriptor>;
