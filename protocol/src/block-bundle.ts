import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { DecodeError } from "./errors.ts";

/** Largest record a bundle may hold: a block or a signed descriptor as JSON. */
export const MAX_RECORD_BYTES = 64 * 1024;

/**
 * Several byte strings in one HTTP body, each behind its length (u32). The origin sends a chunk's
 * blocks this way, and the join response.
 */
export function encodeBundle(records: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter(records.reduce((sum, record) => sum + 4 + record.length, 0));
  for (const record of records) writer.u32(record.length).bytes(record);
  return writer.finish();
}

/**
 * The records of a bundle, as views into it.
 * @throws {DecodeError} When the lengths do not add up or a record is above {@link MAX_RECORD_BYTES}.
 */
export function decodeBundle(bytes: Uint8Array): Uint8Array[] {
  const reader = new ByteReader(bytes);
  const records: Uint8Array[] = [];
  while (reader.remaining > 0) {
    const length = reader.u32();
    if (length > MAX_RECORD_BYTES) {
      throw new DecodeError("too-long", reader.offset, `a record of ${length} bytes`);
    }
    records.push(reader.bytes(length));
  }
  return records;
}
