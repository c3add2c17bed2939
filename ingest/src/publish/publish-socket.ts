import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { createWebSocketStream, type WebSocket, WebSocketServer } from "ws";

/** What one message may bring, in bytes: a fragment of a second at 60 Mbit/s. Bounds what is held of
 * an encoder before anybody asks for it. */
const MESSAGE_MAX_BYTES = 8 * 1024 * 1024;
/** How long a refused encoder may take to read why, in ms. */
const LINGER_MS = 1000;
const PATH = /^\/publish\/([^/?]{1,128})(?:\?|$)/;

/** An encoder on a WebSocket: its bytes, and a way to answer. */
export type SocketEncoder = { socket: WebSocket; bytes: Duplex; request: IncomingMessage };

/** Takes the WebSockets at `/publish/:key` of a server that others may have WebSockets on, too. */
export function takePublishSockets(
  server: Server,
  onEncoder: (key: string, encoder: SocketEncoder) => void,
): void {
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MESSAGE_MAX_BYTES,
  });
  server.on("upgrade", (request, socket, head) => {
    const key = PATH.exec(request.url ?? "")?.[1];
    if (key === undefined) {
      // Nobody else would answer: Node leaves it open.
      if (server.listenerCount("upgrade") === 1) socket.destroy();
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      const bytes = createWebSocketStream(opened);
      // Told by whoever reads; refused ones are read by nobody.
      bytes.on("error", () => {});
      onEncoder(key, { socket: opened, bytes, request });
    });
  });
}

/** Browsers see neither status nor body of a refused handshake, so the reason comes after it. */
export function refuseSocket({ socket, bytes }: SocketEncoder, code: number, reason: string): void {
  const timer = setTimeout(() => socket.terminate(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
  bytes.resume();
  socket.close(code, reason);
}
