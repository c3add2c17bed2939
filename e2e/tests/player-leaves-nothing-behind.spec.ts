import { expect, test } from "../support/test.ts";

/** Connections that are open now, and made so far. */
type Counted = { open(): number; made: number };

function countConnections(): void {
  const all = new Set<RTCPeerConnection>();
  const counted = globalThis as unknown as { counted: Counted };
  counted.counted = {
    open: () => [...all].filter(({ signalingState }) => signalingState !== "closed").length,
    made: 0,
  };
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      all.add(this);
      counted.counted.made++;
    }
  };
}

test("a player that comes and goes a hundred times leaves no connection, socket or media behind", async ({
  livemesh,
  openViewer,
}) => {
  test.setTimeout(120_000);
  const stream = await livemesh.serve();
  const viewer = await openViewer(stream.watchUrl, [countConnections]);
  const { page } = viewer;
  let sockets = 0;
  page.on("websocket", (socket) => {
    sockets++;
    socket.on("close", () => sockets--);
  });
  await viewer.playsOn(25);
  await expect
    .poll(() => page.evaluate(() => (globalThis as unknown as { counted: Counted }).counted.open()))
    .toBeGreaterThan(0);

  await page.evaluate(async () => {
    const { counted } = globalThis as unknown as { counted: Counted };
    const player = document.querySelector("livemesh-player") as HTMLElement;
    const place = player.parentElement as HTMLElement;
    const connected = () =>
      new Promise<void>((resolve) => {
        const before = counted.made;
        const look = () => (counted.made > before ? resolve() : void requestAnimationFrame(look));
        look();
      });
    for (let round = 0; round < 100; round++) {
      player.remove();
      place.append(player);
      await connected();
    }
    player.remove();
  });
  const left = () =>
    page.evaluate(() => {
      const { counted } = globalThis as unknown as { counted: Counted };
      return { open: counted.open(), videos: document.querySelectorAll("video[src]").length };
    });
  await expect.poll(left).toEqual({ open: 0, videos: 0 });
  await expect.poll(() => sockets).toBe(0);
});
