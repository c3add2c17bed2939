import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";

const TEXT = /\.(?:css|html|js|svg)$/;
/** Below this size, in bytes, a copy saves less than a packet. */
const WORTHWHILE_BYTES = 1400;

/** A Vite plugin: beside each text of the build its `.br` and `.gz`, for servers that send them as they are. */
export function compressedCopies() {
  let directory;
  return {
    name: "livemesh-compressed-copies",
    apply: "build",
    configResolved({ build }) {
      directory = build.outDir;
    },
    async closeBundle() {
      const names = await readdir(directory, { recursive: true });
      await Promise.all(
        names.filter((name) => TEXT.test(name)).map((name) => compress(join(directory, name))),
      );
    },
  };
}

async function compress(path) {
  const bytes = await readFile(path);
  if (bytes.length < WORTHWHILE_BYTES) return;
  await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes));
  await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }));
}
