import { describe, expect, it } from "vitest";
import { SLICE_BYTES, type SourceEvent } from "../source.ts";
import { DatagramInbox, type DatagramInboxOptions } from "./datagram-inbox.ts";
import { MPEG_TS_DATAGRAMS } from "./mpeg-ts-datagrams.ts";
import { RTP_DATAGRAMS } from "./rtp-datagrams.ts";
import { rtpPacket } from "./testing/rtp-packet.ts";

const CAMERA = "10.0.0.1:5000";
const OTHER = "10.0.0.2:5000";

function inbox(options: DatagramInboxOptions = {}, format = MPEG_TS_DATAGRAMS) {
  return new DatagramInbox("udp://here", format, options);
}

function all(inbox: DatagramInbox): SourceEvent[] {
  const events: SourceEvent[] = [];
  for (let event = inbox.next(); event !== undefined; event = inbox.next()) events.push(event);
  return events;
}

const start = (from: string) => ({ type: "start", description: `encoder at ${from}` });
const bytes = (...values: number[]) => ({ type: "bytes", bytes: Uint8Array.of(...values) });

describe("datagrams of one encoder", () => {
  it("are its bytes, and its silence is its end", () => {
    const box = inbox({ silenceMs: 2000 });
    expect(box.wakeAtMs).toBe(Number.POSITIVE_INFINITY);
    box.receive(Uint8Array.of(1), CAMERA, 100);
    expect(box.wakeAtMs).toBe(2100);
    box.receive(Uint8Array.of(2), CAMERA, 200);
    box.tick(2199);
    expect(all(box)).toEqual([start(CAMERA), bytes(1), bytes(2)]);
    box.tick(2200);
    expect(all(box)).toEqual([
      { type: "end", reason: `encoder at ${CAMERA}: nothing came for 2 s` },
    ]);
  });

  it("may be empty or giant", () => {
    const box = inbox();
    box.receive(new Uint8Array(0), OTHER, 0);
    expect(all(box)).toEqual([]);
    box.receive(new Uint8Array(65_507), CAMERA, 0);
    const sizes = all(box).flatMap((event) => (event.type === "bytes" ? [event.bytes.length] : []));
    expect(Math.max(...sizes)).toBe(SLICE_BYTES);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(65_507);
  });

  it("are not mixed with those of a second one, which takes over when the first is gone", () => {
    const box = inbox({ silenceMs: 2000 });
    box.receive(Uint8Array.of(1), CAMERA, 0);
    for (let i = 0; i < 50; i++) box.receive(Uint8Array.of(2), OTHER, 1 + i);
    const message = `udp://here: left out a second encoder, ${OTHER}: one is live already`;
    expect(all(box)).toEqual([start(CAMERA), bytes(1), { type: "warning", message }]);
    box.receive(Uint8Array.of(3), OTHER, 2000);
    expect(all(box).slice(1)).toEqual([start(OTHER), bytes(3)]);
  });

  it("are dropped beyond what may wait, which is said", () => {
    const box = inbox({ queueBytes: 10 });
    for (let i = 0; i < 20; i++) box.receive(Uint8Array.of(i, i, i), CAMERA, i);
    const found = all(box);
    expect(found.filter(({ type }) => type === "bytes")).toEqual([
      bytes(0, 0, 0),
      bytes(1, 1, 1),
      bytes(2, 2, 2),
    ]);
    expect(found.filter(({ type }) => type === "warning")).toHaveLength(1);
    box.receive(Uint8Array.of(9), CAMERA, 30);
    expect(all(box)).toEqual([bytes(9)]);
  });
});

describe("RTP", () => {
  it("that is lost is counted, and told", () => {
    const box = inbox({ silenceMs: 2000 }, RTP_DATAGRAMS);
    for (const sequence of [1, 2, 5]) box.receive(rtpPacket({ sequence }), CAMERA, 0);
    expect(all(box)).toEqual([start(CAMERA), bytes(1), bytes(2)]);
    expect(box.wakeAtMs).toBe(50);
    box.tick(50);
    expect(all(box)).toEqual([
      bytes(5),
      { type: "warning", message: "udp://here: 2 datagrams were lost on the way" },
    ]);
  });

  it("of another sender at the same address is another encoder's", () => {
    const box = inbox({ silenceMs: 2000 }, RTP_DATAGRAMS);
    box.receive(rtpPacket({ sequence: 1, ssrc: 1 }), CAMERA, 0);
    box.receive(rtpPacket({ sequence: 7, ssrc: 2 }), CAMERA, 1);
    box.receive(rtpPacket({ sequence: 8, ssrc: 2 }), CAMERA, 2001);
    expect(all(box).map(({ type }) => type)).toEqual([
      "start",
      "bytes",
      "warning",
      "end",
      "start",
      "bytes",
    ]);
  });

  it("is asked for when MPEG-TS came without it", () => {
    const box = inbox({}, RTP_DATAGRAMS);
    box.receive(new Uint8Array(188).fill(0x47), CAMERA, 0);
    box.receive(Uint8Array.of(1, 2, 3), CAMERA, 1);
    const message = `udp://here: MPEG-TS without RTP (use udp:// for it) came from ${CAMERA}`;
    expect(all(box)).toEqual([{ type: "warning", message }]);
  });
});
