const START_CODE = Buffer.from([0, 0, 1]);

/** The NAL units of a byte stream (ITU-T H.264, annex B). */
export function* annexBUnits(data: Uint8Array): Iterable<Uint8Array> {
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  let start = buffer.indexOf(START_CODE);
  while (start >= 0) {
    const from = start + START_CODE.length;
    const next = buffer.indexOf(START_CODE, from);
    let end = next < 0 ? data.length : next;
    // Zeros before a start code belong to it, or pad the end.
    while (end > from && data[end - 1] === 0) end--;
    if (end > from) yield data.subarray(from, end);
    start = next;
  }
}

/** The NAL units of a sample in a file: each behind its length. What is cut short is left out. */
export function* sizedUnits(data: Uint8Array, lengthBytes: number): Iterable<Uint8Array> {
  let at = 0;
  while (at + lengthBytes <= data.length) {
    let sizeBytes = 0;
    for (let i = 0; i < lengthBytes; i++) sizeBytes = sizeBytes * 256 + (data[at + i] ?? 0);
    at += lengthBytes;
    if (at + sizeBytes > data.length) return;
    if (sizeBytes > 0) yield data.subarray(at, at + sizeBytes);
    at += sizeBytes;
  }
}

/** A sample of fMP4: NAL units behind 4-byte lengths (ISO/IEC 14496-15, 5.3.2). */
export function lengthPrefixed(nals: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(nals.reduce((sum, nal) => sum + 4 + nal.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const nal of nals) {
    view.setUint32(at, nal.length);
    bytes.set(nal, at + 4);
    at += 4 + nal.length;
  }
  return bytes;
}
