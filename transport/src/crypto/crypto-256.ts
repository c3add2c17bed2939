/** The asymmetric cryptography livemesh needs, by WebCrypto or, without a secure context, noble. */
export interface Crypto256 {
  /** 32 bytes. */
  sha256(bytes: Uint8Array): Promise<Uint8Array>;
  /**
   * Resolves to false for anything wrong, a malformed key or signature included; never rejects.
   * Signatures with a high s are fine: publishers sign with whatever library they have, and nothing
   * here relies on a signature being unique.
   *
   * @param publicKey Uncompressed point, 65 bytes. @param signature r ‖ s, 64 bytes.
   * @param input What was signed, not its hash; it is hashed with SHA-256.
   */
  verifyP256(publicKey: Uint8Array, signature: Uint8Array, input: Uint8Array): Promise<boolean>;
}
