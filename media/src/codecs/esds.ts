import { FieldReader } from "../box-reader.ts";
import { fullBox, u16, u32 } from "../box-writer.ts";
import { MediaError } from "../media-error.ts";

const ES_DESCRIPTOR = 3;
const DECODER_CONFIG = 4;
const DECODER_SPECIFIC = 5;
const SYNC_LAYER = 6;
const AUDIO_STREAM = 0x15;

/**
 * The `esds` box of an audio track (ISO/IEC 14496-1, 7.2.6).
 * @param objectType objectTypeIndication: 0x40 is MPEG-4 audio, 0x6b MPEG-1 audio.
 * @param specific DecoderSpecificInfo, where the format has one; up to 100 bytes.
 */
export function esds(objectType: number, specific: Uint8Array = new Uint8Array()): Uint8Array {
  if (specific.length > 100) throw new RangeError("a DecoderSpecificInfo of more than 100 bytes");
  const decoderSpecific =
    specific.length === 0 ? [] : [DECODER_SPECIFIC, specific.length, ...specific];
  const decoderConfig = [
    DECODER_CONFIG,
    13 + decoderSpecific.length,
    objectType,
    AUDIO_STREAM,
    ...[0, 0, 0],
    ...u32(0, 0),
    ...decoderSpecific,
  ];
  const rest = [...decoderConfig, SYNC_LAYER, 1, 2];
  return fullBox("esds", 0, 0, [ES_DESCRIPTOR, 3 + rest.length, ...u16(1), 0, ...rest]);
}

/** @param body Of the box. @throws {MediaError} When there is no decoder configuration in it. */
export function readEsds(body: Uint8Array): { objectType: number; specific: Uint8Array } {
  const fields = new FieldReader(body, "esds").skip(4);
  let objectType: number | undefined;
  while (fields.remaining > 0) {
    const tag = fields.u8();
    const sizeBytes = descriptorSize(fields);
    if (tag === ES_DESCRIPTOR) fields.skip(3);
    else if (tag === DECODER_CONFIG) {
      objectType = fields.u8();
      fields.skip(12);
    } else if (tag === DECODER_SPECIFIC && objectType !== undefined) {
      return { objectType, specific: fields.bytes(sizeBytes) };
    } else fields.skip(sizeBytes);
  }
  if (objectType === undefined) throw new MediaError("missing-box", "DecoderConfig in esds");
  return { objectType, specific: new Uint8Array() };
}

/** Seven bits a byte, at most four bytes (ISO/IEC 14496-1, 8.3.3). */
function descriptorSize(fields: FieldReader): number {
  let size = 0;
  for (let i = 0; i < 4; i++) {
    const byte = fields.u8();
    size = size * 128 + (byte & 0x7f);
    if ((byte & 0x80) === 0) break;
  }
  return size;
}
