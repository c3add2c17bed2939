/** A media playlist as it was read; everything that is wrong with its form is in `problems`. */
export type ParsedPlaylist = {
  tags: Map<string, string[]>;
  targetDuration: number;
  partTarget: number | undefined;
  serverControl: Map<string, string>;
  firstMsn: number;
  discontinuitySequence: number;
  skipped: number;
  segments: ParsedSegment[];
  /** Parts of the segment that is not complete yet. */
  openParts: ParsedPart[];
  openDiscontinuities: number;
  hints: Map<string, string>[];
  reports: Map<string, string>[];
  dateRanges: Map<string, string>[];
  hasEnded: boolean;
  problems: string[];
};

export type ParsedPart = { uri: string; duration: number; isIndependent: boolean };
export type ParsedSegment = {
  msn: number;
  discontinuityNumber: number;
  uri: string;
  duration: number;
  map: string | undefined;
  date: string | undefined;
  parts: ParsedPart[];
};

const ONCE = [
  "EXTM3U",
  "EXT-X-VERSION",
  "EXT-X-TARGETDURATION",
  "EXT-X-SERVER-CONTROL",
  "EXT-X-PART-INF",
  "EXT-X-MEDIA-SEQUENCE",
  "EXT-X-DISCONTINUITY-SEQUENCE",
  "EXT-X-SKIP",
  "EXT-X-ENDLIST",
];
const MANY = [
  "EXTINF",
  "EXT-X-MAP",
  "EXT-X-PART",
  "EXT-X-PRELOAD-HINT",
  "EXT-X-RENDITION-REPORT",
  "EXT-X-PROGRAM-DATE-TIME",
  "EXT-X-DATERANGE",
  "EXT-X-DISCONTINUITY",
];
const ATTRIBUTE = /([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(,|$)/y;

/** An attribute list (RFC 8216bis, 4.2); quotes stay, they are part of the type. */
export function parseAttributes(text: string, problems: string[]): Map<string, string> {
  const attributes = new Map<string, string>();
  ATTRIBUTE.lastIndex = 0;
  while (ATTRIBUTE.lastIndex < text.length) {
    const at = ATTRIBUTE.lastIndex;
    const match = ATTRIBUTE.exec(text);
    if (match === null) {
      problems.push(`not an attribute list: ${text.slice(at)}`);
      break;
    }
    const [, name = "", value = ""] = match;
    if (attributes.has(name)) problems.push(`${name} twice in ${text}`);
    attributes.set(name, value);
  }
  return attributes;
}

/** Read a media playlist strictly: unknown tags and wrong forms are problems. */
export function parsePlaylist(text: string): ParsedPlaylist {
  const problems: string[] = [];
  const lines = text.split("\n");
  if (lines.pop() !== "") problems.push("the last line does not end");
  if (lines[0] !== "#EXTM3U") problems.push("does not begin with #EXTM3U");
  const tags = new Map<string, string[]>();
  const parsed: ParsedPlaylist = {
    tags,
    targetDuration: Number.NaN,
    partTarget: undefined,
    serverControl: new Map(),
    firstMsn: 0,
    discontinuitySequence: 0,
    skipped: 0,
    segments: [],
    openParts: [],
    openDiscontinuities: 0,
    hints: [],
    reports: [],
    dateRanges: [],
    hasEnded: false,
    problems,
  };
  let discontinuities = 0;
  let map: string | undefined;
  let duration: number | undefined;
  let date: string | undefined;

  for (const line of lines) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    if (/[\u0000-\u001f\u007f-\u009f]/.test(line)) problems.push("control characters");
    if (!line.startsWith("#")) {
      if (line === "" || duration === undefined)
        problems.push(`an address without EXTINF: ${line}`);
      parsed.segments.push({
        msn: parsed.firstMsn + parsed.skipped + parsed.segments.length,
        discontinuityNumber: parsed.discontinuitySequence + discontinuities,
        uri: line,
        duration: duration ?? Number.NaN,
        map,
        date,
        parts: parsed.openParts,
      });
      parsed.openParts = [];
      parsed.openDiscontinuities = 0;
      duration = undefined;
      date = undefined;
      continue;
    }
    const [, name = "", value = ""] = /^#(EXT[A-Z0-9-]*):?(.*)$/.exec(line) ?? [];
    if (!ONCE.includes(name) && !MANY.includes(name)) problems.push(`unknown tag: ${line}`);
    tags.set(name, [...(tags.get(name) ?? []), value]);
    if (ONCE.includes(name) && (tags.get(name)?.length ?? 0) > 1) problems.push(`${name} twice`);
    const isLate = parsed.segments.length > 0 || parsed.openParts.length > 0;
    switch (name) {
      case "EXT-X-TARGETDURATION":
        if (!/^\d+$/.test(value)) problems.push(`${line} is not a whole number`);
        parsed.targetDuration = Number(value);
        break;
      case "EXT-X-SERVER-CONTROL":
        parsed.serverControl = parseAttributes(value, problems);
        break;
      case "EXT-X-PART-INF":
        parsed.partTarget = decimal(parseAttributes(value, problems).get("PART-TARGET"), problems);
        break;
      case "EXT-X-MEDIA-SEQUENCE":
        if (isLate) problems.push("EXT-X-MEDIA-SEQUENCE behind a segment");
        parsed.firstMsn = decimal(value, problems);
        break;
      case "EXT-X-DISCONTINUITY-SEQUENCE":
        if (isLate || discontinuities > 0) problems.push("EXT-X-DISCONTINUITY-SEQUENCE too late");
        parsed.discontinuitySequence = decimal(value, problems);
        break;
      case "EXT-X-SKIP":
        if (isLate) problems.push("EXT-X-SKIP behind a segment");
        parsed.skipped = decimal(
          parseAttributes(value, problems).get("SKIPPED-SEGMENTS"),
          problems,
        );
        break;
      case "EXT-X-DISCONTINUITY":
        if (parsed.openParts.length > 0) problems.push("a discontinuity inside a segment");
        discontinuities++;
        parsed.openDiscontinuities++;
        break;
      case "EXT-X-MAP":
        if (parsed.openParts.length > 0) problems.push("EXT-X-MAP inside a segment");
        map = quoted(parseAttributes(value, problems).get("URI"), problems);
        break;
      case "EXT-X-PROGRAM-DATE-TIME":
        if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)) problems.push(line);
        date = value;
        break;
      case "EXT-X-PART": {
        const attributes = parseAttributes(value, problems);
        if (map === undefined && parsed.skipped === 0) problems.push("a part before EXT-X-MAP");
        parsed.openParts.push({
          uri: quoted(attributes.get("URI"), problems),
          duration: decimal(attributes.get("DURATION"), problems),
          isIndependent: attributes.get("INDEPENDENT") === "YES",
        });
        break;
      }
      case "EXTINF": {
        const match = /^(\d+(\.\d+)?),/.exec(value);
        if (match === null || duration !== undefined) problems.push(`bad or second ${line}`);
        duration = Number(match?.[1]);
        if (map === undefined && parsed.skipped === 0) problems.push("a segment before EXT-X-MAP");
        break;
      }
      case "EXT-X-PRELOAD-HINT":
        parsed.hints.push(parseAttributes(value, problems));
        break;
      case "EXT-X-RENDITION-REPORT":
        parsed.reports.push(parseAttributes(value, problems));
        break;
      case "EXT-X-DATERANGE":
        parsed.dateRanges.push(parseAttributes(value, problems));
        break;
      case "EXT-X-ENDLIST":
        parsed.hasEnded = true;
        break;
    }
  }
  if (duration !== undefined) problems.push("EXTINF without an address");
  return parsed;
}

function decimal(text: string | undefined, problems: string[]): number {
  if (text === undefined || !/^\d+(\.\d+)?$/.test(text)) problems.push(`no number: ${text}`);
  return Number(text);
}

function quoted(text: string | undefined, problems: string[]): string {
  if (text === undefined || !/^".+"$/.test(text)) problems.push(`no quoted string: ${text}`);
  return (text ?? "").slice(1, -1);
}
