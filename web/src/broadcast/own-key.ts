import { type StreamId, streamIdFromKeyHash } from "#protocol";

const DATABASE = "livemesh";
const STORE = "keys";
const NAME = "publisher";
const P256 = { name: "ECDSA", namedCurve: "P-256" };

/** A publisher's key in a browser. The private part cannot be read, not even by this page. */
export type OwnKey = {
  streamId: StreamId;
  /** Uncompressed point, 65 bytes. */
  publicKey: Uint8Array<ArrayBuffer>;
  /** ECDSA P-256 with SHA-256, r and s as 32 bytes each. */
  sign(input: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
};

/** The key of this browser, made on first use: the same watch URL each time. */
export async function ownKey(): Promise<OwnKey> {
  const database = await open();
  const kept = await done<CryptoKeyPair | undefined>(
    database.transaction(STORE).objectStore(STORE).get(NAME),
  );
  const pair = kept ?? (await crypto.subtle.generateKey(P256, false, ["sign", "verify"]));
  if (kept === undefined) {
    await done(database.transaction(STORE, "readwrite").objectStore(STORE).put(pair, NAME));
  }
  database.close();
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", publicKey));
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  return {
    streamId: streamIdFromKeyHash(hash),
    publicKey,
    sign: async (input) =>
      new Uint8Array(await crypto.subtle.sign(algorithm, pair.privateKey, input)),
  };
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return done(request);
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser keeps no keys"));
  });
}
