import { IngestError } from "../ingest-error.ts";
import type { Source } from "../source.ts";
import { clipPath } from "./clip-path.ts";
import { FileSource } from "./file-source.ts";
import { StreamSource } from "./stream-source.ts";
import { TcpListenSource } from "./tcp-listen-source.ts";
import { TcpSource } from "./tcp-source.ts";

/** The input that plays the built-in clip, endlessly. */
export const TEST_PATTERN_INPUT = "test://pattern";

export type SourceOptions = {
  /** Start over at the end; for files. The built-in clip always does. Default false. */
  loop?: boolean;
};

const FORMS = "tcp://HOST:PORT, tcp-listen://HOST:PORT, -, a file or test://pattern";

/** By URL scheme: what makes a source of it. */
const SCHEMES: Record<string, (input: string) => Source> = {
  tcp: (input) => new TcpSource(input, parseAddress(input, 1)),
  "tcp-listen": (input) => new TcpListenSource(input, parseAddress(input, 0)),
  test: (input) => {
    if (input !== TEST_PATTERN_INPUT) throw unsupported(input);
    return new FileSource(clipPath(), { name: input, loop: true });
  },
};

/**
 * The source that `--input` names. Opens nothing yet.
 * @throws {IngestError} `input-unsupported`, or `input-unreadable` for a file that is not there.
 */
export function createSource(input: string, { loop = false }: SourceOptions = {}): Source {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(input)?.[1]?.toLowerCase();
  if (scheme === undefined && input !== "-" && input !== "") return new FileSource(input, { loop });
  if (loop && input !== TEST_PATTERN_INPUT) {
    throw new IngestError(
      "input-unsupported",
      `only a file can loop, not ${JSON.stringify(input)}`,
    );
  }
  if (input === "-") return new StreamSource("-", "standard input", () => process.stdin);
  const create = Object.hasOwn(SCHEMES, scheme ?? "") ? SCHEMES[scheme ?? ""] : undefined;
  if (create === undefined) throw unsupported(input);
  return create(input);
}

function parseAddress(input: string, lowestPort: number): { host: string; port: number } {
  const url = URL.canParse(input) ? new URL(input) : undefined;
  const port = Number(url?.port || Number.NaN);
  const isPlain = url !== undefined && `${url.protocol}//${url.host}` === input.toLowerCase();
  if (url === undefined || !isPlain || url.hostname === "" || !(port >= lowestPort)) {
    throw unsupported(input);
  }
  return { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port };
}

function unsupported(input: string): IngestError {
  return new IngestError(
    "input-unsupported",
    `unsupported input ${JSON.stringify(input)}; supported are ${FORMS}`,
  );
}
