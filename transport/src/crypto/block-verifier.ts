import {
  type Block,
  blockSigningInput,
  fromHex,
  type StreamDescriptor,
  signaturePart,
  unsignedPart,
} from "#protocol";
import type { Crypto256 } from "./crypto-256.ts";

/** Checks what one stream's publisher signed. */
export interface BlockVerifier {
  /** Resolves to false for anything wrong; never rejects. */
  verify(block: Block): Promise<boolean>;
}

/** @param descriptor Opened by `openDescriptor`: its key is the stream's. */
export function blockVerifier(
  crypto: Crypto256,
  { streamId, publicKey }: Pick<StreamDescriptor, "streamId" | "publicKey">,
): BlockVerifier {
  const key = fromHex(publicKey);
  return {
    verify: (block) =>
      crypto.verifyP256(
        key,
        signaturePart(block),
        blockSigningInput(streamId, unsignedPart(block)),
      ),
  };
}
