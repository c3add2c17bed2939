/** An RTP packet with one byte of payload: the low byte of its sequence number. */
export function rtpPacket({ sequence, ssrc = 7 }: { sequence: number; ssrc?: number }): Uint8Array {
  const bytes = new Uint8Array(13);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x80);
  view.setUint8(1, 33);
  view.setUint16(2, sequence);
  view.setUint32(8, ssrc);
  view.setUint8(12, sequence & 0xff);
  return bytes;
}
