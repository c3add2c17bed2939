/** `avc1.PPCCLL` (RFC 6381, section 3.3). @param sps NAL unit with its header byte. */
export function avcCodecString(sps: Uint8Array): string {
  const hex = [sps[1], sps[2], sps[3]].map((byte) => (byte ?? 0).toString(16).padStart(2, "0"));
  return `avc1.${hex.join("")}`;
}

/** `mp4a.40.N`. @param objectType MPEG-4 audio object type: 2 is AAC-LC. */
export function aacCodecString(objectType: number): string {
  return `mp4a.40.${objectType}`;
}
