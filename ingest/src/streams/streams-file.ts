import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { DVR_FORM, RECORD_LIMIT_FORM, readDvrMs, readRecordLimit } from "../amounts.ts";
import { IngestError } from "../ingest-error.ts";
import { parseLadder } from "../ladder/ladder.ts";
import { PUBLISH_KEY_FORM } from "../publish/publish-key.ts";
import { PublishSource } from "../publish/publish-source.ts";
import { PUBLISH_INPUT, sources } from "../sources/create-source.ts";
import type { SourceOptions } from "../sources/source-registry.ts";
import {
  type NamedStream,
  SEEDER_COPIES_MAX,
  type SharedSettings,
  slateAfterMs,
} from "./stream-settings.ts";

/** Streams of one process: each is a seeder, a window of chunks and maybe an ffmpeg. */
export const STREAMS_MAX = 200;

const text = (max: number) =>
  z.string(`a text of 1 to ${max} characters is needed`).trim().min(1, "it is empty").max(max);

/** Also a part of a path: of the control API, and of where the key is kept. */
const name = z
  .string("a name is needed")
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "a name is 1 to 40 of a-z 0-9 -");

const whole = (min: number, max: number) =>
  z.int(`a whole number from ${min} to ${max} is needed`).min(min).max(max);

function expectLadder(list: string, context: z.RefinementCtx): void {
  try {
    parseLadder(list);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    context.addIssue({ code: "custom", message: error.message });
  }
}

const stream = z.strictObject({
  name,
  title: text(200).optional(),
  input: text(2000).optional(),
  loop: z.boolean("true or false is needed").optional(),
  interface: text(100).optional(),
  publishKey: z
    .string()
    .regex(PUBLISH_KEY_FORM, "8 to 100 of the characters A-Z a-z 0-9 _ - are needed")
    .optional(),
  ffmpeg: text(1000).optional(),
  transcode: text(200).superRefine(expectLadder).optional(),
  chunkMs: whole(50, 2000).optional(),
  seederUpload: z
    .number("a number of Mbit/s is needed")
    .min(0, "a number of Mbit/s from 0 to 100000 is needed")
    .max(100_000, "a number of Mbit/s from 0 to 100000 is needed")
    .optional(),
  seederCopies: whole(1, SEEDER_COPIES_MAX).optional(),
  slate: z.boolean("true or false is needed").optional(),
  key: text(1000).optional(),
  dvr: z
    .string(DVR_FORM)
    .refine((span) => readDvrMs(span) !== undefined, DVR_FORM)
    .optional(),
  record: text(1000).optional(),
  recordMax: z
    .string(RECORD_LIMIT_FORM)
    .refine((limit) => readRecordLimit(limit) !== undefined, RECORD_LIMIT_FORM)
    .optional(),
});

/** What a stream of a file may state. */
export const STREAM_FIELDS: readonly string[] = Object.keys(stream.shape);

const streamsFile = z.strictObject({
  streams: z.array(stream, "a list of streams is needed").max(STREAMS_MAX),
});

/** A stream as a file or the control API states it. docs/streams.md has the table. */
export type StatedStream = z.infer<typeof stream>;

export type StatedOptions = {
  shared: SharedSettings;
  /** What relative paths are relative to. */
  folder: string;
};

/**
 * The streams of a file.
 * @throws {IngestError} `config-invalid`: one line with the file and the place in it.
 */
export function readStreamsFile(file: string, shared: SharedSettings): NamedStream[] {
  const options = { shared, folder: dirname(resolve(file)) };
  const { streams } = parse(streamsFile, readJson(file), `${file}: `);
  const named = streams.map((stated, index) =>
    namedStream(stated, options, `${file}: streams[${index}].`),
  );
  expectDifferent(streams, "name", file);
  expectDifferent(streams, "publishKey", file);
  expectDifferent(streams, "key", file);
  return named;
}

/**
 * One stream, as sent to the control API.
 * @throws {IngestError} `config-invalid`: one line with the place in it.
 */
export function parseStream(json: unknown, options: StatedOptions): NamedStream {
  return namedStream(parse(stream, json, ""), options, "");
}

function namedStream(stated: StatedStream, options: StatedOptions, at: string): NamedStream {
  const { shared, folder } = options;
  const { name, input, loop = false, title = name, publishKey, dvr, recordMax } = stated;
  const ffmpeg = stated.ffmpeg ?? shared.ffmpeg;
  const transcode =
    stated.transcode === undefined ? shared.transcode : parseLadder(stated.transcode);
  if (input !== undefined) expectSource(input, { loop, ffmpeg, transcode }, `${at}input`);
  if (publishKey !== undefined && input !== PUBLISH_INPUT) {
    throw invalid(`${at}publishKey`, `only input ${PUBLISH_INPUT} has a publish key`);
  }
  const pathOf = (path: string) => resolve(folder, path);
  const { key, record, seederUpload, slate } = stated;
  return {
    name,
    settings: {
      ...shared,
      input: input === undefined ? undefined : inputFrom(input, folder),
      loop,
      title,
      publishKey,
      networkInterface: stated.interface ?? shared.networkInterface,
      ffmpeg,
      transcode,
      chunkMs: stated.chunkMs ?? shared.chunkMs,
      seederUploadBps:
        seederUpload === undefined ? shared.seederUploadBps : seederUpload * 1_000_000,
      seederCopies: stated.seederCopies ?? shared.seederCopies,
      slateAfterMs: slate === undefined ? shared.slateAfterMs : slateAfterMs(slate),
      keyFile: key === undefined ? defaultStreamKeyFile(name) : pathOf(key),
      dvrMs: dvr === undefined ? shared.dvrMs : readDvrMs(dvr),
      recordDirectory: record === undefined ? undefined : pathOf(record),
      recordLimit: recordMax === undefined ? shared.recordLimit : readRecordLimit(recordMax),
      ...(shared.allowsExperiments && { allowsExperiments: true }),
    },
  };
}

/** Where the key of a stream is kept that does not say. */
export function defaultStreamKeyFile(name: string): string {
  return join(homedir(), ".livemesh", "streams", `${name}.pem`);
}

/** A path is meant as seen from the file; what has a scheme is no path. */
function inputFrom(input: string, folder: string): string {
  return sources.isPath(input) ? resolve(folder, input) : input;
}

function expectSource(input: string, options: SourceOptions, at: string): void {
  // There is one standard input, and no telling which stream may have it.
  if (input === "-")
    throw invalid(at, "standard input is for a single stream: livemesh … --input -");
  try {
    sources.create(input, { ...options, pushed: (source) => new PublishSource(source) });
  } catch (error) {
    if (!(error instanceof IngestError)) throw error;
    // A file that is not there yet may come: no other stream has to wait for it.
    if (error.code !== "input-unreadable") throw invalid(at, error.message);
  }
}

function expectDifferent(
  streams: readonly StatedStream[],
  field: "name" | "publishKey" | "key",
  file: string,
): void {
  const seen = new Map<string, number>();
  for (const [index, stream] of streams.entries()) {
    const value = stream[field];
    if (value === undefined) continue;
    const other = seen.get(value);
    if (other !== undefined) {
      const what = field === "publishKey" ? "its publish key" : JSON.stringify(value);
      throw invalid(`${file}: streams[${index}].${field}`, `streams[${other}] has ${what} already`);
    }
    seen.set(value, index);
  }
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw invalid(file, `cannot be read: ${cause instanceof Error ? cause.message : cause}`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(file, `is no JSON: ${cause instanceof Error ? cause.message : cause}`);
  }
}

function parse<T>(schema: z.ZodType<T>, json: unknown, prefix: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = (issue?.path ?? [])
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "");
  throw invalid(`${prefix}${at}`.replace(/: $/, ""), issue?.message ?? "not understood");
}

function invalid(at: string, problem: string): IngestError {
  const line = at === "" ? problem : `${at}: ${problem}`;
  return new IngestError("config-invalid", line.replace(/\s*\n\s*/g, " "));
}
