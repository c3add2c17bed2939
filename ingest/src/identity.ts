import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { type StreamId, streamIdFromKeyHash } from "#protocol";
import { IngestError } from "./ingest-error.ts";

/** Who publishes a stream: the key that signs every block, and the stream id that follows from it. */
export type PublisherIdentity = {
  readonly streamId: StreamId;
  readonly privateKey: KeyObject;
  /** Uncompressed point, 65 bytes. */
  readonly publicKey: Uint8Array;
};

/** Where a publisher's key is kept when nobody says otherwise. */
export function defaultKeyFile(): string {
  return join(homedir(), ".livemesh", "publisher-key.pem");
}

/** A new identity, not saved anywhere. */
export function createIdentity(): PublisherIdentity {
  return identityOf(generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey);
}

/**
 * The identity in a PEM file (PKCS #8). On first use the file is made, readable by its owner only.
 * @throws {IngestError} In one line, when the file cannot be read, written or understood.
 */
export async function loadIdentity(
  file: string,
): Promise<{ identity: PublisherIdentity; isNew: boolean }> {
  const saved = await readKeyFile(file);
  if (saved !== undefined) return { identity: parseKey(saved, file), isNew: false };
  const identity = createIdentity();
  await writeKeyFile(file, identity);
  return { identity, isNew: true };
}

async function readKeyFile(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return undefined;
    throw new IngestError("key-unreadable", `cannot read the key ${file}: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

async function writeKeyFile(file: string, { privateKey }: PublisherIdentity): Promise<void> {
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    // Never over a file that appeared meanwhile: a lost key is a lost stream id.
    await writeFile(file, pem, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    throw new IngestError("key-unreadable", `cannot make the key ${file}: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

function parseKey(pem: string, file: string): PublisherIdentity {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw new IngestError(
      "key-invalid",
      `${file} is no private key; move it away to get a new key, or name another with --key`,
      { cause },
    );
  }
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw new IngestError(
      "key-invalid",
      `${file} holds a key of another kind (${key.asymmetricKeyType}); livemesh signs with EC P-256`,
    );
  }
  return identityOf(key);
}

function identityOf(privateKey: KeyObject): PublisherIdentity {
  const { x = "", y = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  const publicKey = new Uint8Array(65);
  publicKey[0] = 4;
  publicKey.set(Buffer.from(x, "base64url"), 1);
  publicKey.set(Buffer.from(y, "base64url"), 33);
  const hash = createHash("sha256").update(publicKey).digest();
  return { streamId: streamIdFromKeyHash(hash), privateKey, publicKey };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

function reasonOf(error: unknown): string {
  switch (codeOf(error)) {
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EISDIR":
      return "it is a directory";
    case "ENOTDIR":
      return "its folder is a file";
    case "EROFS":
      return "the disk is read-only";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
