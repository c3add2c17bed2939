import { BitReader, MediaError } from "#media";

const SPLICE_INFO_TABLE = 0xfc;
const SPLICE_INSERT = 5;
const TIME_SIGNAL = 6;
const WRAP = 2 ** 33;

/** What is needed of a SCTE-35 section to know when it is about; the rest is for who receives it. */
export type SpliceTime = {
  /** At 90 kHz, on the clock of the program; undefined for now. */
  ptsTicks: number | undefined;
  durationTicks: number | undefined;
};

/** A section, and the break it begins or ends. */
export type Splice = SpliceTime & {
  /** Of the break; undefined for what is none: a time signal, or a break that is taken back. */
  breakId: number | undefined;
  /** Out of the program, or back into it. */
  isOut: boolean;
};

/** ANSI/SCTE 35, 9.6. Undefined for what is no such section, is encrypted or has no command about a time. */
export function readSplice(section: Uint8Array): Splice | undefined {
  try {
    return readSection(section);
  } catch (error) {
    if (error instanceof MediaError) return undefined;
    throw error;
  }
}

function readSection(section: Uint8Array): Splice | undefined {
  const bits = new BitReader(section, "a SCTE-35 section");
  if (bits.u(8) !== SPLICE_INFO_TABLE) return undefined;
  bits.skip(24);
  const isEncrypted = bits.flag();
  bits.skip(6);
  const adjustment = bits.u(33);
  bits.skip(32); // cw_index, tier, splice_command_length
  const command = bits.u(8);
  if (isEncrypted) return undefined;
  const timed = command === SPLICE_INSERT ? readInsert(bits) : undefined;
  if (command === TIME_SIGNAL) {
    const ptsTicks = adjusted(readSpliceTimeField(bits), adjustment);
    return { ptsTicks, durationTicks: undefined, breakId: undefined, isOut: false };
  }
  return timed && { ...timed, ptsTicks: adjusted(timed.ptsTicks, adjustment) };
}

function readInsert(bits: BitReader): Splice | undefined {
  const breakId = bits.u(32);
  const isCancelled = bits.flag();
  bits.skip(7);
  if (isCancelled) {
    return { ptsTicks: undefined, durationTicks: undefined, breakId: undefined, isOut: false };
  }
  const isOut = bits.flag(); // out_of_network_indicator
  const isProgram = bits.flag();
  const hasDuration = bits.flag();
  const isImmediate = bits.flag();
  bits.skip(4);
  // Splices of single components are deprecated.
  if (!isProgram) return undefined;
  const ptsTicks = isImmediate ? undefined : readSpliceTimeField(bits);
  if (!hasDuration) return { ptsTicks, durationTicks: undefined, breakId, isOut };
  bits.skip(7);
  return { ptsTicks, durationTicks: bits.u(33), breakId, isOut };
}

function readSpliceTimeField(bits: BitReader): number | undefined {
  const isSpecified = bits.flag();
  if (!isSpecified) return undefined;
  bits.skip(6);
  return bits.u(33);
}

function adjusted(ticks: number | undefined, adjustment: number): number | undefined {
  return ticks === undefined ? undefined : (ticks + adjustment) % WRAP;
}
