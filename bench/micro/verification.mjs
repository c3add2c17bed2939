import { generateKeyPairSync, sign } from "node:crypto";
import { TEST_STREAM_ID } from "#mesh/testing";
import { blockSigningInput, decodeBlock, sealBlock, toHex, unsignedPart } from "#protocol";
import { blockVerifier, nobleCrypto256, webCrypto256 } from "#transport";
import { usualBlock } from "./stream.mjs";

const BLOCKS = 8;
/** Checks at a time, as the driver has them per sender (`VerifyQueue`). */
const AT_A_TIME = 8;
const KIB_16 = new Uint8Array(16 * 1024).fill(7);

/** What trust costs: a signature check of the largest block, by the platform and in JavaScript. */
export async function verification() {
  const { descriptor, blocks } = signedBlocks();
  const kinds = [
    ["WebCrypto", webCrypto256(), 32],
    ["noble", await nobleCrypto256(), 1],
  ];
  return {
    name: "verify",
    title: "verification: one block of 8 KiB (ECDSA P-256 with SHA-256), and SHA-256 alone",
    unit: "µs",
    hasThreads: true,
    cases: kinds.flatMap(([kind, crypto, scale]) => {
      const { verify } = blockVerifier(crypto, descriptor);
      const size = { bytesEach: blocks[0].bytes.length };
      return [
        {
          name: `${kind}, one at a time`,
          operations: 2 * scale,
          ...size,
          run: () => verifyAll(verify, blocks, 2 * scale, 1),
        },
        {
          name: `${kind}, ${AT_A_TIME} at a time`,
          operations: AT_A_TIME * scale,
          ...size,
          run: () => verifyAll(verify, blocks, AT_A_TIME * scale, AT_A_TIME),
        },
        {
          name: `${kind}, SHA-256 of 8 KiB`,
          operations: 8 * scale,
          bytesEach: KIB_16.length,
          run: () => hashAll(crypto, 8 * scale),
        },
      ];
    }),
  };
}

/** Signed as an ingest does it. */
function signedBlocks() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const point = [4, ...Buffer.from(x, "base64url"), ...Buffer.from(y, "base64url")];
  const blocks = Array.from({ length: BLOCKS }, (_, sequence) => {
    const unsigned = unsignedPart(usualBlock(sequence));
    const input = blockSigningInput(TEST_STREAM_ID, unsigned);
    const signature = sign("sha256", input, { key: privateKey, dsaEncoding: "ieee-p1363" });
    return decodeBlock(sealBlock(unsigned, signature));
  });
  const descriptor = { streamId: TEST_STREAM_ID, publicKey: toHex(Uint8Array.from(point)) };
  return { descriptor, blocks };
}

async function verifyAll(verify, blocks, count, atATime) {
  for (let at = 0; at < count; at += atATime) {
    const answers = await Promise.all(
      Array.from({ length: atATime }, (_, i) => verify(blocks[(at + i) % BLOCKS])),
    );
    if (!answers.every((isValid) => isValid)) throw new Error("a genuine block was refused");
  }
}

async function hashAll(crypto, count) {
  let last;
  for (let i = 0; i < count; i++) last = await crypto.sha256(KIB_16);
  return last;
}
