import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { DecodeError } from "./errors.ts";
import { WIRE_LIMITS } from "./limits.ts";

/** Chunks of one track without a gap. */
export type KeptRun = { track: number; first: number; last: number };

/**
 * What peers say about chunks older than the window, which they may still keep. Byte layout:
 * docs/protocol.md, section 2. Apart from the other messages, for viewers learn this language only where
 * a stream has a past to go back to.
 */
export type PastMessage =
  /** What do you keep? */
  | { type: "ask-kept" }
  /** The answer: whole chunks, longest runs first. */
  | { type: "kept"; runs: KeptRun[] }
  /** Send me all blocks of this chunk. Answered by them, or by `deny` of the first that will not come. */
  | { type: "get-kept"; track: number; sequence: number };

const TYPE_CODES = { "ask-kept": 20, kept: 21, "get-kept": 22 } as const;

/** @throws {RangeError} When there are more runs than {@link WIRE_LIMITS} allows. */
export function encodePastMessage(message: PastMessage): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(TYPE_CODES[message.type]);
  switch (message.type) {
    case "ask-kept":
      break;
    case "kept":
      if (message.runs.length > WIRE_LIMITS.keptRuns) {
        throw new RangeError(`kept names up to ${WIRE_LIMITS.keptRuns} runs`);
      }
      writer.u8(message.runs.length);
      for (const { track, first, last } of message.runs) writer.u8(track).u32(first).u32(last);
      break;
    case "get-kept":
      writer.u8(message.track).u32(message.sequence);
  }
  return writer.finish();
}

/**
 * @returns Undefined for a message of another kind, which is to be skipped.
 * @throws {DecodeError} On what begins like one of these and is none.
 */
export function decodePastMessage(bytes: Uint8Array): PastMessage | undefined {
  const reader = new ByteReader(bytes);
  const message = readMessage(reader, reader.u8());
  if (message !== undefined) reader.expectEnd();
  return message;
}

function readMessage(reader: ByteReader, code: number): PastMessage | undefined {
  switch (code) {
    case TYPE_CODES["ask-kept"]:
      return { type: "ask-kept" };
    case TYPE_CODES.kept:
      return { type: "kept", runs: readRuns(reader) };
    case TYPE_CODES["get-kept"]:
      return { type: "get-kept", track: readTrack(reader), sequence: reader.u32() };
    default:
      return undefined;
  }
}

function readRuns(reader: ByteReader): KeptRun[] {
  const count = reader.u8();
  if (count > WIRE_LIMITS.keptRuns) {
    throw new DecodeError("bad-value", reader.offset, `${count} runs`);
  }
  return Array.from({ length: count }, () => {
    const run = { track: readTrack(reader), first: reader.u32(), last: reader.u32() };
    if (run.last < run.first) reader.refuse(`a run that ends before it begins`);
    return run;
  });
}

function readTrack(reader: ByteReader): number {
  const track = reader.u8();
  if (track >= WIRE_LIMITS.tracks) reader.refuse(`track ${track}`);
  return track;
}
