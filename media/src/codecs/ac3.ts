import { BitReader } from "../bit-reader.ts";
import { box } from "../box-writer.ts";
import { MediaError } from "../media-error.ts";
import type { AudioCoding } from "./coding.ts";

const SYNC_WORD = 0x0b77;
const SAMPLES_PER_BLOCK = 256;
const RATES_HZ = [48_000, 44_100, 32_000];
/** By half the frame size code (ETSI TS 102 366, table 4.13), in kbit/s. */
const KBPS = [
  32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
];
/** By audio coding mode; without the low-frequency channel. */
const CHANNELS = [2, 1, 2, 3, 3, 4, 4, 5];
const LARGEST_AC3_BSID = 10;
/** Frames may differ in size, and a new init segment for each would be no help to anybody. */
const MAX_EAC3_KBPS = 6144;

export type Ac3Frame = { coding: AudioCoding; sizeBytes: number; samples: number };

/**
 * What the header of an AC-3 or E-AC-3 frame says (ETSI TS 102 366, 4.4 and E.1.3).
 * @throws {MediaError} When it is none.
 */
export function readAc3Frame(bytes: Uint8Array): Ac3Frame {
  const bits = new BitReader(bytes.subarray(0, 16), "an AC-3 header");
  if (bits.u(16) !== SYNC_WORD) throw new MediaError("bad-box", "not an AC-3 frame");
  return (bytes[5] ?? 0) >> 3 <= LARGEST_AC3_BSID ? readAc3(bits) : readEac3(bits);
}

function readAc3(bits: BitReader): Ac3Frame {
  bits.skip(16); // checksum
  const rateCode = bits.u(2);
  const sizeCode = bits.u(6);
  const [bsid, bsmod, mode] = [bits.u(5), bits.u(3), bits.u(3)];
  if ((mode & 1) === 1 && mode !== 1) bits.skip(2); // centre mix
  if ((mode & 4) !== 0) bits.skip(2); // surround mix
  if (mode === 2) bits.skip(2); // surround mode
  const lfe = bits.u(1);
  const sampleRateHz = RATES_HZ[rateCode];
  const kbps = KBPS[sizeCode >> 1];
  if (sampleRateHz === undefined || kbps === undefined) throw badHeader();
  const words = Math.floor((kbps * 96_000) / sampleRateHz) + (rateCode === 1 ? sizeCode & 1 : 0);
  const fields = packed(
    [rateCode, 2],
    [bsid, 5],
    [bsmod, 3],
    [mode, 3],
    [lfe, 1],
    [sizeCode >> 1, 5],
    [0, 5],
  );
  return {
    coding: {
      kind: "audio",
      codec: "ac-3",
      entryType: "ac-3",
      config: box("dac3", fields),
      sampleRateHz,
      channels: (CHANNELS[mode] ?? 2) + lfe,
    },
    sizeBytes: words * 2,
    samples: 6 * SAMPLES_PER_BLOCK,
  };
}

function readEac3(bits: BitReader): Ac3Frame {
  const [streamType, substream, words] = [bits.u(2), bits.u(3), bits.u(11) + 1];
  const rateCode = bits.u(2);
  // The other half of the rates has six blocks.
  const halved = rateCode === 3 ? bits.u(2) : 0;
  const blocks = rateCode === 3 ? 6 : ([1, 2, 3, 6][bits.u(2)] ?? 6);
  const [mode, lfe, bsid] = [bits.u(3), bits.u(1), bits.u(5)];
  const fullRateHz = RATES_HZ[rateCode === 3 ? halved : rateCode];
  if (fullRateHz === undefined || bsid !== 16) throw badHeader();
  if (streamType !== 0 || substream !== 0) {
    throw new MediaError("unsupported", "E-AC-3 beyond its first substream");
  }
  const sampleRateHz = rateCode === 3 ? fullRateHz / 2 : fullRateHz;
  const fields = packed(
    ...([
      [MAX_EAC3_KBPS, 13],
      [0, 3], // one independent substream
      [rateCode, 2],
      [bsid, 5],
      [0, 5], // reserved, no associated service, complete main
      [mode, 3],
      [lfe, 1],
      [0, 8], // no dependent substream
    ] as const),
  );
  return {
    coding: {
      kind: "audio",
      codec: "ec-3",
      entryType: "ec-3",
      config: box("dec3", fields),
      sampleRateHz,
      channels: (CHANNELS[mode] ?? 2) + lfe,
    },
    sizeBytes: words * 2,
    samples: blocks * SAMPLES_PER_BLOCK,
  };
}

function badHeader(): MediaError {
  return new MediaError("bad-box", "an AC-3 header");
}

/** Fields of some bits each, behind one another; whole bytes together. */
function packed(...fields: (readonly [value: number, bits: number])[]): number[] {
  const text = fields.map(([value, bits]) => value.toString(2).padStart(bits, "0")).join("");
  return (text.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
}
