import { FieldReader, readBoxes } from "./box-reader.ts";
import { ascii, fullBox, u32, u64 } from "./box-writer.ts";

/** Schemes by which players know what an event is. */
export const ID3_SCHEME = "https://aomedia.org/emsg/ID3";
export const SCTE35_SCHEME = "urn:scte:scte35:2013:bin";

/** Something that happens at a time of the media: an `emsg` box (ISO/IEC 23009-1, 5.10.3.3). */
export type EventMessage = {
  scheme: string;
  value: string;
  /** The same event, told again, has the same number. */
  id: number;
  timescale: number;
  timeTicks: number;
  /** Undefined while it is not known. */
  durationTicks: number | undefined;
  data: Uint8Array;
};

const UNKNOWN_DURATION = 0xffffffff;
/** Events of one chunk that are read: bounds what a publisher can make players do. */
const MAX_EVENTS = 32;

/** To stand before the `moof` of a chunk, as CMAF has it (ISO/IEC 23000-19, 7.4.5). */
export function writeEventMessage(event: EventMessage): Uint8Array {
  const { scheme, value, id, timescale, timeTicks, durationTicks, data } = event;
  return fullBox(
    "emsg",
    1,
    0,
    u32(timescale),
    u64(timeTicks),
    u32(durationTicks ?? UNKNOWN_DURATION, id),
    [...ascii(scheme), 0, ...ascii(value), 0],
    data,
  );
}

/** Whether there are events before a chunk, told by its first bytes without listing all boxes. */
export function beginsWithEvent(chunk: Uint8Array): boolean {
  return [0x65, 0x6d, 0x73, 0x67].every((byte, at) => chunk[4 + at] === byte); // "emsg"
}

/**
 * The events that stand before a chunk; nearly always none.
 * @throws {MediaError} When the boxes are not as they should be.
 */
export function readEventMessages(chunk: Uint8Array): EventMessage[] {
  if (!beginsWithEvent(chunk)) return [];
  const boxes = readBoxes(chunk).filter(({ type }) => type === "emsg");
  return boxes.slice(0, MAX_EVENTS).flatMap(({ body }) => (body[0] === 1 ? [readOne(body)] : []));
}

function readOne(body: Uint8Array): EventMessage {
  const fields = new FieldReader(body, "emsg").skip(4);
  const timescale = Math.max(1, fields.u32());
  const timeTicks = fields.u64();
  const durationTicks = fields.u32();
  const id = fields.u32();
  return {
    timescale,
    timeTicks,
    durationTicks: durationTicks === UNKNOWN_DURATION ? undefined : durationTicks,
    id,
    scheme: text(fields),
    value: text(fields),
    data: fields.bytes(fields.remaining),
  };
}

/** Up to the zero that ends it. */
function text(fields: FieldReader): string {
  let letters = "";
  for (let byte = fields.u8(); byte !== 0; byte = fields.u8()) letters += String.fromCharCode(byte);
  return letters;
}
