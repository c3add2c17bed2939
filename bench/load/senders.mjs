// Sends a TS file to each of some TCP ports at its own average pace, once: senders.mjs FILE SECONDS PORT…
import { readFileSync } from "node:fs";
import { connect } from "node:net";

const [file, seconds, ...ports] = process.argv.slice(2);
const clip = readFileSync(file);
const bytesPerMs = clip.length / (Number(seconds) * 1000);
const PAUSE_MS = 40;

for (const port of ports) {
  const socket = connect({ host: "127.0.0.1", port: Number(port), noDelay: true });
  socket.on("error", (error) => console.error(error.message));
  const startMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(clip.length, Math.round((performance.now() - startMs) * bytesPerMs));
    if (due > sent) socket.write(clip.subarray(sent, due));
    sent = due;
    if (sent === clip.length) clearInterval(timer);
  }, PAUSE_MS);
}
console.log("sending");
