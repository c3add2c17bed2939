import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { isIP, isIPv6 } from "node:net";
import type { PeerId, StreamId } from "#protocol";

/**
 * What a tracker derives from one secret of its own. Trackers that share a swarm share the secret:
 * then a peer is known again at each of them, without anything being stored.
 */
export class PeerSecrets {
  readonly #secret: Buffer;

  /** @param secret 32 bytes. Default: new ones. */
  constructor(secret: Uint8Array = randomBytes(32)) {
    this.#secret = Buffer.from(secret);
  }

  /** What a peer shows to be believed its peer id on another socket. Hexadecimal, 32 characters. */
  resumeKey(streamId: StreamId, peerId: PeerId): string {
    return this.#derive(`resume/${streamId}/${peerId}`);
  }

  isResumed(streamId: StreamId, peerId: PeerId, shown: string | undefined): boolean {
    if (shown === undefined) return false;
    const expected = Buffer.from(this.resumeKey(streamId, peerId));
    const bytes = Buffer.from(shown);
    return bytes.length === expected.length && timingSafeEqual(bytes, expected);
  }

  /**
   * Equal for addresses that are likely to be in one LAN: the same public address, the same /64 of
   * IPv6, the same /24 of a private network. Does not tell the address.
   */
  networkKey(address: string): string {
    return this.#derive(`network/${networkOf(address)}`).slice(0, 12);
  }

  #derive(text: string): string {
    return createHmac("sha256", this.#secret).update(text).digest("hex").slice(0, 32);
  }
}

function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, "");
  if (isIPv6(plain)) return firstGroups(plain, 4);
  if (isIP(plain) === 0) return plain;
  const [a = "", b = "", c = ""] = plain.split(".");
  const isPrivate =
    a === "10" ||
    a === "127" ||
    (a === "192" && b === "168") ||
    (a === "172" && Number(b) >= 16 && Number(b) < 32);
  return isPrivate ? `${a}.${b}.${c}` : plain;
}

/** Of an IPv6 address, the zeros written out. */
function firstGroups(address: string, count: number): string {
  const [head = "", tail = ""] = address.split("::");
  const before = head.split(":").filter(Boolean);
  const after = tail.split(":").filter(Boolean);
  const zeros = new Array<string>(Math.max(0, 8 - before.length - after.length)).fill("0");
  return [...before, ...zeros, ...after].slice(0, count).join(":");
}
