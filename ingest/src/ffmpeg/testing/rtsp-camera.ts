import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";

const CLIP = readFileSync(new URL("../../../clip/pattern.m2ts", import.meta.url));
const DATAGRAM_BYTES = 7 * 188;
/** The clip's own pace, and some more. */
const PACE_MS = 10;
const MPEG_TS = 33;
const SDP = [
  ...["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=camera", "t=0 0"],
  ...[`m=video 0 RTP/AVP ${MPEG_TS}`, `a=rtpmap:${MPEG_TS} MP2T/90000`, "a=control:track1", ""],
].join("\r\n");

/** A camera that speaks RTSP (RFC 2326) and sends the clip as RTP through the same connection. */
export async function startRtspCamera(): Promise<{ url: string; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    serve(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { url: `rtsp://127.0.0.1:${port}/stream`, close };
}

function serve(socket: Socket): void {
  let text = "";
  socket.on("error", () => {});
  socket.on("data", (bytes) => {
    text += bytes.toString("latin1");
    for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
      answer(socket, text.slice(0, end));
      text = text.slice(end + 4);
    }
  });
}

function answer(socket: Socket, request: string): void {
  const [method = ""] = request.split(" ");
  const sequence = /^CSeq: *(\d+)/im.exec(request)?.[1] ?? "0";
  const body = method === "DESCRIBE" ? SDP : "";
  const headers = [
    ...["RTSP/1.0 200 OK", `CSeq: ${sequence}`, "Session: 1"],
    ...["Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN"],
    ...(method === "SETUP" ? ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1"] : []),
    ...(body === "" ? [] : ["Content-Type: application/sdp", `Content-Length: ${body.length}`]),
  ];
  socket.write(`${headers.join("\r\n")}\r\n\r\n${body}`);
  if (method === "PLAY") play(socket);
}

function play(socket: Socket): void {
  let packet = 0;
  const timer = setInterval(() => {
    const at = (packet * DATAGRAM_BYTES) % CLIP.length;
    const head = Buffer.alloc(16);
    const payload = CLIP.subarray(at, at + DATAGRAM_BYTES);
    head.write("$\0", "latin1");
    head.writeUInt16BE(12 + payload.length, 2);
    head.writeUInt16BE((2 << 14) | MPEG_TS, 4);
    head.writeUInt16BE(packet & 0xffff, 6);
    head.writeUInt32BE(packet * 90 * PACE_MS, 8);
    socket.write(Buffer.concat([head, payload]));
    packet++;
  }, PACE_MS);
  socket.once("close", () => clearInterval(timer));
}
