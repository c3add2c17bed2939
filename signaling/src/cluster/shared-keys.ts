import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import type { RedisClient } from "./redis-client.ts";

/** What all trackers of a cluster have in common, so that a peer is the same to each of them. */
export class SharedKeys {
  readonly membershipKey: KeyObject;
  readonly secret: Uint8Array;
  readonly #text: string;

  /** The keys of the cluster; the first tracker makes them. */
  static async load(client: RedisClient, name: string): Promise<SharedKeys> {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const fresh = JSON.stringify({
      membership: privateKey.export({ format: "pem", type: "pkcs8" }),
      secret: randomBytes(32).toString("hex"),
    });
    await client.set(name, fresh, { condition: "NX" });
    return new SharedKeys((await client.get(name)) ?? fresh);
  }

  private constructor(text: string) {
    const { membership, secret } = JSON.parse(text) as { membership: string; secret: string };
    this.#text = text;
    this.membershipKey = createPrivateKey(membership);
    this.secret = Buffer.from(secret, "hex");
  }

  /** After Redis has lost everything: the keys stay the same. */
  async store(client: RedisClient, name: string): Promise<void> {
    await client.set(name, this.#text, { condition: "NX" });
  }
}
