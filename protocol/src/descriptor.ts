import * as z from "zod/mini";
import { signingInput } from "./block.ts";
import { isStreamId, type StreamId } from "./ids.ts";
import { WIRE_LIMITS } from "./limits.ts";
import { utf8Length } from "./utf8-length.ts";

// Without this zod probes for `new Function`, which a strict content security policy reports.
z.config({ jitless: true });

const hex = (maxBytes: number) =>
  z.string().check(z.regex(/^([0-9a-f]{2})*$/), z.maxLength(2 * maxBytes));
const count = (max: number) => z.int().check(z.minimum(0), z.maximum(max));
const optionalCount = (max: number) => z.optional(count(max));

const trackSchema = z.object({
  /** `v0`, `v1` … for video, `a0` … for audio; also the name in URLs. */
  id: z.string().check(z.regex(/^[va][0-9]$/)),
  kind: z.enum(["video", "audio"]),
  /** For `MediaSource.isTypeSupported`, for one `avc1.64001e` (RFC 6381). */
  codec: z.string().check(z.regex(/^[A-Za-z0-9.-]{1,64}$/)),
  /** Stripes the track's blocks are spread over. */
  stripes: z.int().check(z.minimum(1), z.maximum(WIRE_LIMITS.stripes)),
  /** Nominal rate in bit/s, from the packager's measurement; 0 while unknown. */
  bitrateBps: count(1e9),
  width: optionalCount(16384),
  height: optionalCount(16384),
  sampleRateHz: optionalCount(768_000),
  channels: optionalCount(64),
  /** Captions that lie in the pictures (CEA-608 and 708), by the names HLS has for them. */
  captions: z.optional(
    z.array(z.string().check(z.regex(/^(CC[1-4]|SERVICE[1-9][0-9]?)$/))).check(z.maxLength(8)),
  ),
  /** Blocks name the init segment they need; a newer number means: fetch the newer descriptor. */
  initVersion: count(0xffff),
  /** The init segment itself, in hexadecimal. */
  init: hex(4096),
});

const descriptorSchema = z.object({
  version: z.literal(1),
  streamId: z.string().check(z.refine(isStreamId)),
  /** Uncompressed P-256 point; its hash is the stream id. */
  publicKey: hex(65).check(z.length(130)),
  /** The higher one is the newer one. Starts at the Unix time of the start in seconds, so that it
   * also rises across restarts. */
  revision: count(0xffffffff),
  title: z.string().check(z.maxLength(200)),
  startedAtMs: count(2 ** 48),
  /** False while no encoder is connected. */
  isLive: z.boolean(),
  chunkMs: z.int().check(z.minimum(20), z.maximum(WIRE_LIMITS.chunkMs)),
  /** How far back the origin has chunks, in ms of the source's clock: what viewers can go back to.
   * Absent where it keeps no more than those who are late need. */
  dvrMs: optionalCount(12 * 3_600_000),
  /** Names from the registries in `mesh/`; a viewer that lacks one says so and plays over HTTP. */
  scheduler: z.string().check(z.maxLength(64)),
  overlay: z.string().check(z.maxLength(64)),
  /** Base URLs of the origin; `""` means the server the descriptor came from. */
  origins: z.array(z.string().check(z.maxLength(200))).check(z.maxLength(4)),
  tracks: z.array(trackSchema).check(z.maxLength(WIRE_LIMITS.tracks)),
});

const signedDescriptorSchema = z.object({
  /** JSON text of the descriptor, exactly as signed. The limit counts UTF-8 bytes, not characters:
   * neighbors pass it on in one message. */
  body: z.string().check(
    z.maxLength(WIRE_LIMITS.descriptorBytes),
    z.refine((text) => utf8Length(text) <= WIRE_LIMITS.descriptorBytes),
  ),
  signature: hex(64).check(z.length(128)),
});

/** What a viewer must know of a stream before its first block. */
export type StreamDescriptor = Omit<z.infer<typeof descriptorSchema>, "streamId"> & {
  streamId: StreamId;
};
export type TrackDescriptor = StreamDescriptor["tracks"][number];
/** A descriptor as it travels: the text that was signed, and the signature in hexadecimal. */
export type SignedDescriptor = z.infer<typeof signedDescriptorSchema>;

export { signedDescriptorSchema };

/**
 * Read a descriptor's text. Whoever calls this checks the signature against `publicKey` and that
 * the key's hash is `streamId`; nothing of it may be used before.
 * @throws {TypeError} With one line that names the field, on anything that is not a descriptor.
 */
export function parseDescriptor(body: string): StreamDescriptor {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (cause) {
    throw new TypeError("a stream descriptor is JSON, this is not", { cause });
  }
  const result = descriptorSchema.safeParse(json);
  if (!result.success) throw new TypeError(`stream descriptor: ${describeIssue(result.error)}`);
  return result.data as StreamDescriptor;
}

/** What the publisher signs. @param body UTF-8 bytes of the descriptor's text. */
export function descriptorSigningInput(body: Uint8Array): Uint8Array<ArrayBuffer> {
  return signingInput("livemesh/descriptor/1\0", body);
}

/** `field: what is wrong`, of the first problem. */
export function describeIssue(error: z.core.$ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? "invalid" : `${issue.path.join(".") || "value"}: ${issue.message}`;
}
