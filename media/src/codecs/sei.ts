/** One message inside a SEI NAL unit (ITU-T H.264, 7.3.2.3.1). */
export type SeiMessage = { type: number; payload: Uint8Array };

/** ITU-T T.35 user data: what carries captions. */
export const SEI_USER_DATA_T35 = 4;
export const SEI_RECOVERY_POINT = 6;

/** United States, ATSC, "GA94", cc_data (ANSI/SCTE 128-1, 8.1): how captions begin. */
const CAPTION_HEAD = [0xb5, 0x00, 0x31, 0x47, 0x41, 0x39, 0x34, 0x03];

/**
 * The messages of one SEI NAL unit. Ends at the first that is cut short.
 * @param nal With its header. Emulation prevention may still be in: only sizes across it suffer.
 */
export function* seiMessages(nal: Uint8Array, headerBytes = 1): Iterable<SeiMessage> {
  let at = headerBytes;
  const number = () => {
    let value = 0;
    while (nal[at] === 255) value += nal[at++] ?? 0;
    return value + (nal[at++] ?? 0);
  };
  // 0x80 ends the unit.
  while (at + 2 < nal.length && nal[at] !== 0x80) {
    const type = number();
    const size = number();
    if (at >= nal.length) return;
    yield { type, payload: nal.subarray(at, at + size) };
    at += size;
  }
}

/** The `cc_data` of a message (ANSI/CTA-708-E, 4.3); undefined for any other. */
export function captionsIn({ type, payload }: SeiMessage): Uint8Array | undefined {
  const isCaptions =
    type === SEI_USER_DATA_T35 && CAPTION_HEAD.every((byte, at) => payload[at] === byte);
  return isCaptions ? payload.subarray(CAPTION_HEAD.length) : undefined;
}

/** By the kind of a pair: the caption channel that HLS calls so (RFC 8216bis, INSTREAM-ID). */
const CHANNELS = ["CC1", "CC3", "SERVICE1", "SERVICE1"] as const;

/**
 * Which captions there are in `cc_data`. Fields of CEA-608 have two channels each, of which nearly
 * all captions use the first. Empty while the encoder only keeps the place.
 */
export function captionChannels(ccData: Uint8Array): string[] {
  const found = new Set<string>();
  for (const [kind, first, second] of captionPairs(ccData)) {
    const isEmpty = ((first | second) & 0x7f) === 0;
    const channel = CHANNELS[kind];
    if (!isEmpty && channel !== undefined) found.add(channel);
  }
  return [...found];
}

/**
 * The two fields of CEA-608 and the packets of CEA-708 in `cc_data`: three bytes each, of which the
 * first says which. Empty where the encoder only keeps the place.
 */
export function* captionPairs(ccData: Uint8Array): Iterable<readonly [number, number, number]> {
  const [flags = 0] = ccData;
  if ((flags & 0x40) === 0) return;
  const count = flags & 31;
  for (let at = 2; at + 3 <= Math.min(ccData.length, 2 + 3 * count); at += 3) {
    const [kind = 0, first = 0, second = 0] = ccData.subarray(at, at + 3);
    if ((kind & 4) !== 0) yield [kind & 3, first, second];
  }
}
