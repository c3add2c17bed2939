import { NodePeerError } from "../node-peer-error.ts";
import type { Output, OutputKind, OutputOptions } from "./output.ts";

/** What `--output` may name. */
export class OutputRegistry {
  readonly #kinds: OutputKind[] = [];

  constructor(kinds: Iterable<OutputKind> = []) {
    for (const kind of kinds) this.register(kind);
  }

  get kinds(): readonly OutputKind[] {
    return this.#kinds;
  }

  /** @throws {TypeError} When the scheme is taken. */
  register(kind: OutputKind): void {
    const taken = this.#kinds.find(({ scheme }) => scheme === kind.scheme);
    if (taken !== undefined) throw new TypeError(`outputs of ${kind.scheme}: are taken`);
    this.#kinds.push(kind);
  }

  /**
   * The output of this name. Opens nothing yet.
   * @throws {NodePeerError} `bad-output` with what there is, or what the kind throws.
   */
  create(name: string, options: OutputOptions = {}): Output {
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(name)?.[1]?.toLowerCase() ?? name;
    const kind = this.#kinds.find((candidate) => candidate.scheme === scheme);
    if (kind !== undefined) return kind.create(name, options);
    const forms = this.#kinds.map(({ form }) => form).join(", ");
    throw badOutput(name, `supported are ${forms}`);
  }
}

/** @param why What was expected, or what to do. */
export function badOutput(name: string, why: string, options?: ErrorOptions): NodePeerError {
  return new NodePeerError("bad-output", `output ${JSON.stringify(name)}: ${why}`, options);
}

/**
 * The address in `scheme://HOST:PORT`, with nothing before or behind it.
 * @throws {NodePeerError} `bad-output`
 */
export function parseOutputAddress(name: string, form: string): { host: string; port: number } {
  const url = URL.canParse(name) ? new URL(name) : undefined;
  const port = Number(url?.port || Number.NaN);
  const isPlain = url !== undefined && `${url.protocol}//${url.host}` === name.toLowerCase();
  if (url === undefined || !isPlain || url.hostname === "" || !(port >= 1)) {
    throw badOutput(name, `needed is ${form}`);
  }
  return { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port };
}
