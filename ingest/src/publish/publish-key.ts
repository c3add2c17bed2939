import { createHash, randomBytes } from "node:crypto";

/** What a publish key may be: it is a part of a URL, and guessing it must be hopeless. */
export const PUBLISH_KEY_FORM = /^[A-Za-z0-9_-]{8,100}$/;

/** A key of 128 random bits. */
export function makePublishKey(): string {
  return randomBytes(16).toString("base64url");
}

/** Keys are compared by this: how long that takes tells nothing of a key. */
export function publishKeyHash(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
