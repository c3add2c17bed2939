/** What a receiver needs of an RTP packet (RFC 3550, section 5.1). */
export type RtpPacket = {
  /** 16 bits, wraps around. */
  sequence: number;
  /** Which of a session's senders this is. */
  ssrc: number;
  /** A view. */
  payload: Uint8Array;
};

const HEADER_BYTES = 12;
/** RTCP's packet types 200 to 204 on one port with RTP (RFC 5761, section 4), without the marker. */
const RTCP = { first: 72, last: 76 };

/**
 * Read one RTP packet. Of any payload type: 33 is MPEG-TS (RFC 3551, section 6), but encoders also
 * use dynamic ones.
 * @returns Undefined for what is no RTP packet, or one of RTCP.
 */
export function readRtpPacket(bytes: Uint8Array): RtpPacket | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint8(0);
  const payloadType = view.getUint8(1) & 0x7f;
  if (flags >> 6 !== 2) return undefined;
  if (payloadType >= RTCP.first && payloadType <= RTCP.last) return undefined;
  let start = HEADER_BYTES + 4 * (flags & 0x0f);
  const hasExtension = (flags & 0x10) !== 0;
  if (hasExtension) {
    if (start + 4 > bytes.length) return undefined;
    start += 4 + 4 * view.getUint16(start + 2);
  }
  const hasPadding = (flags & 0x20) !== 0;
  const paddingBytes = hasPadding ? view.getUint8(bytes.length - 1) : 0;
  const end = bytes.length - paddingBytes;
  if (start > end || (hasPadding && paddingBytes === 0)) return undefined;
  return {
    sequence: view.getUint16(2),
    ssrc: view.getUint32(8),
    payload: bytes.subarray(start, end),
  };
}
