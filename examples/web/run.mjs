// `npm run example -- NAME`: a live stream, and the example's page that plays it.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build, preview } from "vite";

const root = fileURLToPath(new URL("../../", import.meta.url));
const here = join(root, "examples", "web");
const known = readdirSync(here).filter((name) => existsSync(join(here, name, "index.html")));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { port: { type: "string", default: "5180" } },
});
const names = positionals.length === 0 ? known : positionals;
const unknown = names.find((name) => !known.includes(name));
if (unknown !== undefined) {
  process.stderr.write(`no example "${unknown}"; there are ${known.join(", ")}\n`);
  process.exit(2);
}

if (!existsSync(join(root, "dist", "web", "index.html"))) {
  const { status } = spawnSync("npm", ["run", "build"], { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(1);
}

const server = spawn(
  process.execPath,
  [join(root, "bin/livemesh.js"), "serve", "--port", values.port === "0" ? "0" : "8080"],
  { cwd: root, stdio: ["ignore", "pipe", "inherit"] },
);
server.once("exit", (code) => process.exit(code ?? 1));
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => server.kill(signal));
}
const serverUrl = await new Promise((resolve) => {
  let said = "";
  server.stdout.setEncoding("utf8").on("data", (text) => {
    said += text;
    const [url] = said.match(/https?:\/\/[^/\s]+(?=\/watch\/)/) ?? [];
    if (url !== undefined) resolve(url);
  });
});

process.env.EXAMPLES = names.join(" ");
const configFile = join(here, "vite.config.ts");
try {
  await build({ configFile });
  const pages = await preview({
    configFile,
    preview: { port: Number(values.port), strictPort: values.port !== "0", host: "127.0.0.1" },
  });
  const { port } = pages.httpServer.address();
  for (const name of names) {
    process.stdout.write(`${name}: http://127.0.0.1:${port}/${name}/?server=${serverUrl}\n`);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  server.kill();
}
