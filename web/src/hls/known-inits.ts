import { fromHex, type StreamDescriptor, toHex } from "#protocol";
import { bestCrypto256 } from "#transport";

/** Init segments remembered per player: an encoder that changes its mind has a few. */
const REMEMBERED = 32;

/** Init segments that descriptors of the stream brought, by track and the hash in their address. */
export class KnownInits {
  readonly #known = new Map<string, Uint8Array<ArrayBuffer>>();
  #learning: Promise<void> = Promise.resolve();

  learn({ tracks }: Pick<StreamDescriptor, "tracks">): void {
    this.#learning = this.#learning.then(async () => {
      for (const { id, init } of tracks) {
        if (init === "") continue;
        const bytes = new Uint8Array(fromHex(init));
        this.#known.set(`${id} ${await initHash(bytes)}`, bytes);
      }
      for (const key of [...this.#known.keys()].slice(0, -REMEMBERED)) this.#known.delete(key);
    });
  }

  /** A copy, for whoever gives it away. */
  async find(trackId: string, hash: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    await this.#learning;
    return this.#known.get(`${trackId} ${hash}`)?.slice();
  }
}

/** The init segment of this hash, if it is the one of this descriptor. */
export async function initFrom(
  { tracks }: Pick<StreamDescriptor, "tracks">,
  trackId: string,
  hash: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const init = tracks.find(({ id }) => id === trackId)?.init ?? "";
  const bytes = new Uint8Array(fromHex(init));
  return (await initHash(bytes)) === hash ? bytes : undefined;
}

/** As in `init-HASH.mp4`: the first 8 bytes of SHA-256. */
async function initHash(bytes: Uint8Array): Promise<string> {
  const crypto = await bestCrypto256();
  return toHex((await crypto.sha256(bytes)).subarray(0, 8));
}
