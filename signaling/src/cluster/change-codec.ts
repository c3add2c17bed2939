import {
  type PublisherStats,
  parseDescriptor,
  type SignedDescriptor,
  type StreamId,
} from "#protocol";
import type { RegistryChange, StreamSnapshot } from "../registry-change.ts";

type StoredStream = {
  signed: SignedDescriptor;
  phase: StreamSnapshot["phase"];
  socketId?: string | undefined;
  /** Unix time the phase began, in ms. */
  sinceWallMs: number;
  /** The tracker that wrote it. */
  by: string;
  stats?: PublisherStats | undefined;
};

/** A stream as it stands in Redis and in a file. */
export function encodeStream(stream: StreamSnapshot, by: string, wallClockMs: number): string {
  const { signed, phase, socketId, ageMs, stats } = stream;
  const stored: StoredStream = {
    signed,
    phase,
    socketId,
    sinceWallMs: wallClockMs - ageMs,
    by,
    stats,
  };
  return JSON.stringify(stored);
}

/**
 * @param wallClockMs Unix time now.
 * @throws {Error} When it is not what we wrote.
 */
export function decodeStream(
  text: string,
  wallClockMs: number,
): { stream: StreamSnapshot; by: string } {
  const { signed, phase, socketId, sinceWallMs, by, stats } = JSON.parse(text) as StoredStream;
  const descriptor = parseDescriptor(signed.body);
  const ageMs = Math.max(0, wallClockMs - sinceWallMs);
  return { by, stream: { descriptor, signed, phase, socketId, ageMs, stats } };
}

type Joined = RegistryChange & { type: "joined" };

/** `streamId/peerId`: the field of a member in its tracker's hash. */
export function memberField(streamId: StreamId, peerId: string): string {
  return `${streamId}/${peerId}`;
}

/** In every tracker's hash: without it, the hash was taken away. */
export const PRESENT_FIELD = "present";

/** As short as JSON allows: there are tens of thousands. */
export function encodeMember({ member: { record, socketId, place } }: Joined): string {
  return JSON.stringify([record.role, socketId, place]);
}

export function decodeMember(field: string, text: string): Joined {
  const [streamId = "", peerId = ""] = field.split("/");
  const [role, socketId, place] = JSON.parse(text) as [string, string, object];
  const joined = {
    type: "joined",
    streamId,
    member: { record: { peerId, role }, socketId, place },
  };
  return joined as unknown as Joined;
}

type WireChange = Exclude<RegistryChange, { type: "stream" }> | { type: "stream"; stored: string };

/** The changes of one log entry. */
export function encodeChanges(
  changes: readonly RegistryChange[],
  by: string,
  wallClockMs: number,
): string {
  const wire: WireChange[] = changes.map((change) =>
    change.type === "stream"
      ? { type: "stream", stored: encodeStream(change.stream, by, wallClockMs) }
      : change,
  );
  return JSON.stringify(wire);
}

export function decodeChanges(text: string, wallClockMs: number): RegistryChange[] {
  return (JSON.parse(text) as WireChange[]).map((change) =>
    change.type === "stream"
      ? { type: "stream", stream: decodeStream(change.stored, wallClockMs).stream }
      : change,
  );
}
