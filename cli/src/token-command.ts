import { type Command, InvalidArgumentError } from "commander";
import { isPeerId, isStreamId, type PeerId, type StreamId } from "#protocol";
import {
  ACTIONS,
  type Action,
  signToken,
  TOKEN_LIFE_MAX_SEC,
  TOKEN_USES_MAX,
} from "#signaling/access";
import { defaultTokenKeyFile, readKeys } from "./server-security.ts";
import { UsageError } from "./usage-error.ts";
import { integerBetween } from "./value-parsers.ts";

export type TokenFlags = {
  tokenKey: string;
  stream?: StreamId;
  peer?: PeerId;
  uses?: number;
  origin: string[];
  life: number;
};

const EXAMPLES = `
Examples:
  $ livemesh token watch --token-key tokens.key --stream abc… --life 10m --uses 1
  $ livemesh token publish --token-key tokens.key --life 7d
  $ livemesh token admin --token-key tokens.key
`;

/** The command line of \`livemesh token\`, on the subcommand made for it. */
export function addTokenOptions(command: Command): Command {
  return command
    .description("Make a token that lets somebody publish, watch or administrate.")
    .argument("<action>", `what it is for: ${ACTIONS.join(", ")}`, parseAction)
    .option(
      "--token-key <key>",
      "the key the server has: a file (a new secret if there is none) or env:NAME",
      defaultTokenKeyFile(),
    )
    .option("--stream <id>", "the only stream it is good for (default: any)", parseStreamId)
    .option("--peer <id>", "the only peer it is good for (default: any)", parsePeerId)
    .option("--uses <count>", "peers it lets in, at most (default: no limit)", (text) =>
      integerBetween(text, 1, TOKEN_USES_MAX),
    )
    .option(
      "--origin <origin>",
      "page it may be shown from; may be given several times (default: any)",
      (text: string, before: string[]) => [...before, text],
      [],
    )
    .option("--life <time>", "how long it is good, as 30s, 10m, 12h or 7d", parseLifeSec, 3600)
    .addHelpText("after", EXAMPLES);
}

/** The token, alone on standard output, for scripts. */
export async function printToken(action: Action, flags: TokenFlags): Promise<void> {
  const keys = await readKeys(flags.tokenKey);
  const wish = {
    actions: [action],
    streamId: flags.stream,
    peerId: flags.peer,
    usesMax: flags.uses,
    origins: flags.origin.length === 0 ? undefined : flags.origin,
    lifeSec: flags.life,
  };
  try {
    process.stdout.write(`${await signToken(keys, wish)}\n`);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new UsageError(`${flags.tokenKey}: ${cause.message}`, { cause });
  }
}

function parseAction(text: string): Action {
  const action = ACTIONS.find((name) => name === text);
  if (action === undefined) throw new InvalidArgumentError(`${ACTIONS.join(", ")} are known`);
  return action;
}

function parseStreamId(text: string): StreamId {
  if (!isStreamId(text)) throw new InvalidArgumentError("32 characters of a-z and 2-7 are needed");
  return text;
}

function parsePeerId(text: string): PeerId {
  if (!isPeerId(text)) throw new InvalidArgumentError("16 characters of a-z and 2-7 are needed");
  return text;
}

const UNITS_SEC: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

function parseLifeSec(text: string): number {
  const [, count = "", unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const lifeSec = Number(count) * (UNITS_SEC[unit] ?? 0);
  if (!(lifeSec >= 1 && lifeSec <= TOKEN_LIFE_MAX_SEC)) {
    throw new InvalidArgumentError("a time from 1s to 31d is needed, as in 10m");
  }
  return lifeSec;
}
