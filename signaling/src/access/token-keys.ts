import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { createRemoteJWKSet, type JWTVerifyGetKey } from "jose";

/** What tokens are checked with, and, if it is known, made with. */
export type TokenKeys = {
  /** The only algorithms believed: a token does not choose its own. */
  readonly algorithms: readonly ("HS256" | "EdDSA" | "Ed25519")[];
  readonly verify: JWTVerifyGetKey;
  /** Undefined where only the public half is known. */
  readonly sign: { algorithm: "HS256" | "EdDSA"; key: KeyObject | Uint8Array } | undefined;
};

/** RFC 7518, section 3.2: a key as long as the hash, at least. */
const SECRET_MIN_BYTES = 32;

/**
 * Read a key's text: a PEM of an Ed25519 key (public, or private to make tokens too), the same as a
 * JWK, or a secret of at least 32 characters for HS256.
 * @param name Of the file or variable, for the error.
 * @throws {TypeError} In one line.
 */
export function readTokenKeys(text: string, name: string): TokenKeys {
  const trimmed = text.trim();
  if (trimmed.startsWith("-----BEGIN")) return fromKey(() => pemKey(trimmed), name);
  if (trimmed.startsWith("{")) return fromJwk(trimmed, name);
  const secret = new TextEncoder().encode(trimmed);
  if (secret.length < SECRET_MIN_BYTES) {
    throw new TypeError(
      `${name} holds a secret of ${secret.length} bytes; HS256 needs ${SECRET_MIN_BYTES} or more`,
    );
  }
  return secretKeys(secret);
}

/** Keys that somebody else's login server publishes; fetched when needed, and kept for a while. */
export function remoteTokenKeys(url: string): TokenKeys {
  return {
    algorithms: ["EdDSA", "Ed25519"],
    verify: createRemoteJWKSet(new URL(url), { timeoutDuration: 3000 }) as JWTVerifyGetKey,
    sign: undefined,
  };
}

function secretKeys(secret: Uint8Array): TokenKeys {
  return {
    algorithms: ["HS256"],
    verify: async () => secret,
    sign: { algorithm: "HS256", key: secret },
  };
}

function fromJwk(text: string, name: string): TokenKeys {
  const problem = `${name} is no JSON Web Key`;
  let jwk: Record<string, unknown>;
  try {
    jwk = JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new TypeError(problem, { cause });
  }
  if (jwk.kty === "oct") {
    return readTokenKeys(Buffer.from(String(jwk.k), "base64url").toString("latin1"), name);
  }
  const key = { key: jwk, format: "jwk" } as const;
  return fromKey(() => ("d" in jwk ? createPrivateKey(key) : createPublicKey(key)), name);
}

function fromKey(read: () => KeyObject, name: string): TokenKeys {
  let key: KeyObject;
  try {
    key = read();
  } catch (cause) {
    throw new TypeError(`${name} is no key that can be read: PEM or JWK of Ed25519 is needed`, {
      cause,
    });
  }
  if (key.asymmetricKeyType !== "ed25519") {
    throw new TypeError(`${name} holds a key of kind ${key.asymmetricKeyType}; Ed25519 is needed`);
  }
  const isPrivate = key.type === "private";
  const publicKey = isPrivate ? createPublicKey(key) : key;
  return {
    algorithms: ["EdDSA", "Ed25519"],
    verify: async () => publicKey,
    sign: isPrivate ? { algorithm: "EdDSA", key } : undefined,
  };
}

function pemKey(pem: string): KeyObject {
  return pem.includes("PRIVATE KEY") ? createPrivateKey(pem) : createPublicKey(pem);
}
