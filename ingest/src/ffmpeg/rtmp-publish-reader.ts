/** C0 and C1, then C2 (Adobe's RTMP 1.0, section 5.2). */
const HANDSHAKE_BYTES = 1 + 1536 + 1536;
const RTMP_VERSION = 3;
/** Message header by the first two bits of a chunk (section 5.3.1.2). */
const HEADER_BYTES = [11, 7, 3, 0] as const;
const SET_CHUNK_SIZE = 1;
const AMF3_COMMAND = 17;
const AMF0_COMMAND = 20;

/** What a stranger may send before it says what it publishes: commands are a few hundred bytes. */
const MESSAGE_BYTES_MAX = 16 * 1024;
const CHUNK_STREAMS_MAX = 16;

/** A message of one chunk stream, half there. */
type Message = { type: number; length: number; hasExtendedTime: boolean; parts: Uint8Array[] };

/**
 * Reads what an RTMP encoder sends until it says which stream it publishes. ffmpeg, which does the
 * rest, does not care what that is; here it is a password.
 */
export class RtmpPublishReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #isBegun = false;
  #handshakeLeft = HANDSHAKE_BYTES;
  #chunkSize = 128;
  readonly #messages = new Map<number, Message>();
  #published: string | undefined;

  /**
   * @returns The name of the stream, once it is known.
   * @throws {Error} When this is no RTMP, or nothing an encoder would send.
   */
  push(bytes: Uint8Array): string | undefined {
    if (this.#published !== undefined) return this.#published;
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (!this.#isBegun && this.#bytes.length > 0) {
      if (this.#bytes[0] !== RTMP_VERSION) throw new Error("that is no RTMP");
      this.#isBegun = true;
    }
    const skipped = Math.min(this.#handshakeLeft, this.#bytes.length);
    this.#handshakeLeft -= skipped;
    let at = skipped;
    while (this.#handshakeLeft === 0 && this.#published === undefined) {
      const next = this.#readChunk(at);
      if (next === undefined) break;
      at = next;
    }
    this.#bytes = this.#bytes.slice(at);
    return this.#published;
  }

  /** @returns Where the next chunk begins; undefined when this one is not all there. */
  #readChunk(start: number): number | undefined {
    const bytes = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    if (bytes.length < start + 3) return undefined;
    const first = bytes.readUInt8(start);
    const [id, idBytes] = chunkStreamId(bytes, start);
    const headerBytes = HEADER_BYTES[(first >> 6) as 0 | 1 | 2 | 3];
    let at = start + idBytes;
    if (bytes.length < at + headerBytes) return undefined;
    const message = this.#message(id, headerBytes, bytes.subarray(at, at + headerBytes));
    at += headerBytes + (message.hasExtendedTime ? 4 : 0);
    const cameBytes = message.parts.reduce((sum, part) => sum + part.length, 0);
    const end = at + Math.min(this.#chunkSize, message.length - cameBytes);
    if (bytes.length < end) return undefined;
    message.parts.push(bytes.subarray(at, end));
    this.#messages.set(id, message);
    if (cameBytes + end - at === message.length) {
      this.#messages.set(id, { ...message, parts: [] });
      this.#take(message.type, Buffer.concat(message.parts));
    }
    return end;
  }

  /** The message that a chunk belongs to. Its header leaves out what is as before. */
  #message(id: number, headerBytes: number, header: Buffer): Message {
    const before = this.#messages.get(id);
    if (before === undefined && (headerBytes !== 11 || this.#messages.size >= CHUNK_STREAMS_MAX)) {
      throw new Error("that is no RTMP an encoder would send");
    }
    const message = before ?? { type: 0, length: 0, hasExtendedTime: false, parts: [] };
    if (headerBytes === 0) return { ...message, parts: [...message.parts] };
    const hasExtendedTime = header.readUIntBE(0, 3) === 0xffffff;
    if (headerBytes === 3) return { ...message, hasExtendedTime, parts: [] };
    const length = header.readUIntBE(3, 3);
    if (length > MESSAGE_BYTES_MAX) throw new Error("it sends large messages before it publishes");
    return { type: header.readUInt8(6), length, hasExtendedTime, parts: [] };
  }

  #take(type: number, payload: Buffer): void {
    if (type === SET_CHUNK_SIZE && payload.length >= 4) {
      this.#chunkSize = Math.max(1, payload.readUInt32BE(0) & 0x7fffffff);
    } else if (type === AMF0_COMMAND) {
      this.#published = publishedName(payload);
    } else if (type === AMF3_COMMAND) {
      this.#published = publishedName(payload.subarray(1));
    }
  }
}

function chunkStreamId(bytes: Buffer, at: number): [id: number, sizeBytes: number] {
  const id = bytes.readUInt8(at) & 0x3f;
  if (id === 0) return [64 + bytes.readUInt8(at + 1), 2];
  if (id === 1) return [64 + bytes.readUInt16LE(at + 1), 3];
  return [id, 1];
}

/** AMF0: `"publish"`, a number, null, the name. Undefined for any other command. */
function publishedName(command: Buffer): string | undefined {
  const verb = amfString(command, 0);
  if (verb?.text !== "publish") return undefined;
  const isNumber = command[verb.end] === 0x00;
  const isNull = command[verb.end + 9] === 0x05;
  return isNumber && isNull ? amfString(command, verb.end + 10)?.text : undefined;
}

function amfString(bytes: Buffer, at: number): { text: string; end: number } | undefined {
  if (bytes[at] !== 0x02 || bytes.length < at + 3) return undefined;
  const end = at + 3 + bytes.readUInt16BE(at + 1);
  return end > bytes.length ? undefined : { text: bytes.toString("utf8", at + 3, end), end };
}
