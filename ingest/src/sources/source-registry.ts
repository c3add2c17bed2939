import { findFfmpeg } from "../ffmpeg/find-ffmpeg.ts";
import { IngestError } from "../ingest-error.ts";
import type { Ladder } from "../ladder/ladder.ts";
import { TranscodedSource } from "../ladder/transcoded-source.ts";
import type { Source } from "../source.ts";
import { maskSecrets } from "./mask-secrets.ts";

/** What the command line says of an input beside its name. */
export type SourceOptions = {
  /** Start over at the end; for files. The built-in clip always does. Default false. */
  loop?: boolean;
  /** Name or address of the network interface to join multicast groups on. */
  networkInterface?: string | undefined;
  /** Path of the ffmpeg to use. Default: the first on PATH. */
  ffmpeg?: string | undefined;
  /** What picture and sound are encoded to, by an ffmpeg. Default: they are passed on as they are. */
  transcode?: Ladder | undefined;
  /** Makes the source of what encoders push over HTTP. Default: nobody can. */
  pushed?: (name: string) => Source;
};

/** One way to get a stream in: the scheme of an input, and what makes a source of it. */
export type SourceKind = {
  /**
   * What an input begins with, before the colon, in lower case. `"-"` is standard input; `""` is
   * everything without a scheme, which is a path.
   */
  schemes: readonly string[];
  /** Whether this one is meant, where a scheme has several kinds. Default: all of its inputs. */
  accepts?(input: string): boolean;
  /** How the input is written, for people: `tcp://HOST:PORT`. */
  form: string;
  /** One line of help. */
  summary: string;
  /** Whether it can be played again from its beginning. Default false. */
  canLoop?: boolean;
  /** Whether it is read by an ffmpeg of this machine, which then does what `transcode` asks for, too.
   * Default false. */
  needsFfmpeg?: boolean;
  /** Whether it is something to look at or hear. Default true. */
  isMedia?: boolean;
  /**
   * Opens nothing yet.
   * @throws {IngestError} `input-unsupported` when it is not of the form, see {@link unsupported};
   * `input-unreadable` and others when it can be told already that it will not work.
   * @param registry Knows what there is instead, for the error.
   */
  create(input: string, options: SourceOptions, registry: SourceRegistry): Source;
};

/** What `--input` may name. The first kind that accepts an input has it. */
export class SourceRegistry {
  readonly #kinds: SourceKind[] = [];

  constructor(kinds: Iterable<SourceKind> = []) {
    for (const kind of kinds) this.register(kind);
  }

  get kinds(): readonly SourceKind[] {
    return this.#kinds;
  }

  /** How inputs are written that work on every machine. */
  get formsWithoutFfmpeg(): string[] {
    return this.#kinds.filter(({ needsFfmpeg }) => !needsFfmpeg).map(({ form }) => form);
  }

  /** @throws {TypeError} When a scheme is no scheme, or another kind has all of its inputs. */
  register(kind: SourceKind): void {
    for (const scheme of kind.schemes) {
      if (scheme !== "" && scheme !== "-" && !SCHEME.test(`${scheme}:`)) {
        throw new TypeError(`a scheme is two or more of a-z 0-9 + . -, got ${scheme}`);
      }
      const taken = this.#kinds.find((one) => one.schemes.includes(scheme) && !one.accepts);
      if (taken) throw new TypeError(`inputs of ${scheme}: are taken by ${taken.form}`);
    }
    this.#kinds.push(kind);
  }

  /**
   * The source that `--input` names. Opens nothing yet.
   * @throws {IngestError} `input-unsupported` with what there is, or what the kind throws.
   */
  create(input: string, options: SourceOptions = {}): Source {
    const scheme = this.#schemeOf(input);
    const kind = this.#kinds.find(
      ({ schemes, accepts }) => schemes.includes(scheme) && (accepts?.(input) ?? true),
    );
    if (kind === undefined || input === "") {
      throw unsupported(input, `supported are ${this.#kinds.map(({ form }) => form).join(", ")}`);
    }
    if (options.loop && !kind.canLoop) throw unsupported(input, "only a file can loop");
    const { transcode: ladder, ffmpeg: wanted } = options;
    if (ladder === undefined) return kind.create(input, options, this);
    if (kind.isMedia === false) throw unsupported(input, "there is nothing in it to transcode");
    if (kind.needsFfmpeg) return kind.create(input, options, this);
    const ffmpeg = findFfmpeg({ wanted, input: "--transcode", otherForms: WITHOUT_FFMPEG });
    return new TranscodedSource(kind.create(input, options, this), { ladder, ffmpeg });
  }

  /** Whether an input names a file of this machine. */
  isPath(input: string): boolean {
    return this.#schemeOf(input) === "";
  }

  /** `film: part 1.ts` is a path, and `gopher://host` is none. */
  #schemeOf(input: string): string {
    if (input === "-") return "-";
    const scheme = SCHEME.exec(input)?.[1]?.toLowerCase();
    if (scheme === undefined) return "";
    const isKnown = this.#kinds.some(({ schemes }) => schemes.includes(scheme));
    return isKnown || input.startsWith("//", scheme.length + 1) ? scheme : "";
  }
}

const WITHOUT_FFMPEG = "inputs are passed on as they are (--transcode copy)";

/** One letter is a drive of Windows. */
const SCHEME = /^([a-z][a-z0-9+.-]+):/i;

/** The error for an input no source can be made of. @param why What was expected, or what to do. */
export function unsupported(input: string, why: string): IngestError {
  return new IngestError(
    "input-unsupported",
    `unsupported input ${JSON.stringify(maskSecrets(input))}; ${why}`,
  );
}
