// An encoder that connects again whenever it is hung up on, as they do: encoder-loop.mjs tcp://HOST:PORT
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ENCODER = fileURLToPath(new URL("../../e2e/encoder.mjs", import.meta.url));
const AGAIN_MS = 200;
let child;
process.on("SIGTERM", () => {
  child?.kill("SIGKILL");
  process.exit(0);
});
for (;;) {
  child = spawn(process.execPath, [ENCODER, ...process.argv.slice(2)], { stdio: "inherit" });
  await once(child, "exit");
  await wait(AGAIN_MS);
}
