import { join } from "node:path";
import { pino } from "pino";
import type { StreamServerOptions } from "../stream-servers.ts";

/** Options of a server with one stream, on ports of the system's choice. @param folder For its key. */
export function singleStream(
  folder: string,
  input?: string,
  { seederCopies }: { seederCopies?: number | undefined } = {},
): StreamServerOptions {
  const shared = { chunkMs: 200, seederUploadBps: 50e6, seederCopies };
  const keyFile = join(folder, "key.pem");
  return {
    host: "127.0.0.1",
    port: 0,
    webrtcPort: 0,
    shared,
    streams: [
      { name: "live", settings: { ...shared, input, loop: false, title: "Test", keyFile } },
    ],
    log: pino({ level: "silent" }),
  };
}
