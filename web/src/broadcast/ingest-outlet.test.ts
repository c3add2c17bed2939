import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PUBLISH_CLOSE } from "#protocol";
import { IngestOutlet } from "./ingest-outlet.ts";

const STREAM_ID = "a".repeat(32);

class FakeSocket {
  readonly OPEN = 1;
  readyState = 0;
  bufferedAmount = 0;
  readonly sent: Uint8Array[] = [];
  closedWith: number | undefined;
  onopen = () => {};
  onmessage = (_event: { data: unknown }) => {};
  onclose = (_event: { code: number; reason: string }) => {};

  open(): void {
    this.readyState = 1;
    this.onopen();
    this.onmessage({ data: JSON.stringify({ streamId: STREAM_ID }) });
  }

  send(bytes: Uint8Array): void {
    this.sent.push(bytes);
  }

  lose(code = 1006, reason = ""): void {
    this.readyState = 3;
    this.onclose({ code, reason });
  }

  close(code: number): void {
    this.closedWith = code;
    this.readyState = 2;
  }
}

let sockets: FakeSocket[] = [];
let at = 0;
beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  at = 0;
});
afterEach(() => vi.useRealTimers());

function outlet() {
  const made = new IngestOutlet({
    url: "wss://live.example.org/publish/correct-horse",
    onChange: () => {},
    connect: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
  });
  made.begin(["audio"]);
  return made;
}

/** Of sound, 20 ms each, every one of which can be begun with. */
function addFrames(to: IngestOutlet, count: number): void {
  for (let i = 0; i < count; i++) {
    const timestampUs = at++ * 20_000;
    const frame = { bytes: new Uint8Array(9), timestampUs, durationUs: 20_000, isKeyFrame: true };
    to.add("audio", frame, { codec: "opus", numberOfChannels: 2 });
  }
}

const beginsMovie = (bytes: Uint8Array | undefined) =>
  String.fromCharCode(...(bytes ?? []).slice(4, 8)) === "ftyp";

describe("a broadcast to an ingest", () => {
  it("waits for the connection, and learns which stream it is", () => {
    const made = outlet();
    addFrames(made, 20);
    expect(made.facts).toMatchObject({ isConnected: false, streamId: undefined });
    sockets[0]?.open();
    expect(made.facts).toMatchObject({ isConnected: true, streamId: STREAM_ID });
    addFrames(made, 20);
    expect(sockets[0]?.sent).toHaveLength(4);
    expect(beginsMovie(sockets[0]?.sent[0])).toBe(true);
    expect(made.facts.sentBytes).toBeGreaterThan(600);
  });

  it("connects again when it lost the server, and sends a movie with its own beginning", () => {
    const made = outlet();
    sockets[0]?.open();
    addFrames(made, 20);
    sockets[0]?.lose();
    expect(made.facts.isConnected).toBe(false);
    addFrames(made, 20);
    vi.advanceTimersByTime(1000);
    expect(sockets).toHaveLength(2);
    sockets[1]?.open();
    addFrames(made, 20);
    expect(beginsMovie(sockets[1]?.sent[0])).toBe(true);
    // Our own connection from before, which the server has not missed yet.
    sockets[1]?.lose(PUBLISH_CLOSE.encoderLive, "another encoder is live");
    vi.advanceTimersByTime(10_000);
    expect(sockets).toHaveLength(3);
  });

  it.each([PUBLISH_CLOSE.wrongKey, PUBLISH_CLOSE.encoderLive])(
    "gives up on a refusal, %i",
    (code) => {
      const made = outlet();
      sockets[0]?.lose(code, "because");
      expect(made.facts.refusal).toBe("because");
      vi.advanceTimersByTime(60_000);
      expect(sockets).toHaveLength(1);
    },
  );

  it("leaves out what a slow uplink has no room for, and says so", () => {
    const made = outlet();
    const [socket] = sockets;
    socket?.open();
    addFrames(made, 20);
    const before = socket?.sent.length ?? 0;
    if (socket !== undefined) socket.bufferedAmount = 2_000_001;
    addFrames(made, 50);
    expect(socket?.sent).toHaveLength(before);
    expect(made.facts.isTooSlow).toBe(true);
    if (socket !== undefined) socket.bufferedAmount = 2_000_000;
    addFrames(made, 10);
    expect(socket?.sent.length).toBeGreaterThan(before);
    expect(made.facts.isTooSlow).toBe(false);
  });

  it("hangs up when it is over, and stays away", async () => {
    const made = outlet();
    sockets[0]?.open();
    await made.close();
    expect(sockets[0]?.closedWith).toBe(1000);
    sockets[0]?.lose(1000);
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
  });

  it.each(["no JSON", "{}", JSON.stringify({ streamId: "../x" })])(
    "takes no greeting like %s",
    (data) => {
      const made = outlet();
      sockets[0]?.onmessage({ data });
      expect(made.facts.streamId).toBeUndefined();
    },
  );
});
