import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { IceOptions } from "#signaling";
import {
  type Access,
  type Action,
  createAccess,
  OPEN_ACCESS,
  readTokenKeys,
  remoteTokenKeys,
  type TokenKeys,
  type UseCounter,
} from "#signaling/access";
import { isLoopback } from "./addresses.ts";
import { UsageError } from "./usage-error.ts";

/** Who may do what at a server, and how it is reached. */
export type ServerSecurity = {
  access: Access;
  /** What tokens are checked with, and perhaps made with. */
  keys: TokenKeys | undefined;
  /** Whose pages may use the server; undefined is anybody's. */
  allowedOrigins: readonly string[] | undefined;
  /** Believe what a reverse proxy says of where requests come from. */
  isBehindProxy: boolean;
  /** PEM of the certificate, with those above it, and of its key; undefined is plain HTTP. */
  tls: { cert: string; key: string } | undefined;
  ice: IceOptions;
};

/** As on a loopback address without options. */
export const OPEN_SECURITY: ServerSecurity = {
  access: OPEN_ACCESS,
  keys: undefined,
  allowedOrigins: undefined,
  isBehindProxy: false,
  tls: undefined,
  ice: {},
};

export type SecurityFlags = {
  tokenKey?: string;
  protect: readonly Action[];
  onPublish?: string;
  onWatch?: string;
  insecure: boolean;
  allowOrigin?: readonly string[];
  trustProxy: boolean;
  tlsCert?: string;
  tlsKey?: string;
  stun: readonly string[];
  turn: readonly string[];
  turnSecret?: string;
};

/**
 * Read what the options name.
 * @param uses Where uses of tokens are counted; default: in this process.
 * @throws {UsageError} In one line; also when a server would be open to a network by mistake.
 */
export async function readSecurity(
  flags: SecurityFlags,
  host: string,
  uses?: UseCounter,
): Promise<ServerSecurity> {
  const { tokenKey, protect: protects, onPublish, onWatch } = flags;
  const keys = tokenKey === undefined ? undefined : await readKeys(tokenKey);
  const access = createAccess({ keys, protects, uses, onPublish, onWatch });
  if (access === OPEN_ACCESS && !isLoopback(host) && !flags.insecure) {
    throw new UsageError(
      `--host ${host} lets the network in, and nothing says who may do what: add --token-key FILE ` +
        "(docs/access.md), or --insecure if everybody may do everything",
    );
  }
  return {
    access,
    keys,
    allowedOrigins: flags.allowOrigin,
    isBehindProxy: flags.trustProxy,
    tls: await readTls(flags),
    ice: await readIce(flags),
  };
}

/** Of a server's URLs. */
export function schemeOf({ tls }: Pick<ServerSecurity, "tls">): "http" | "https" {
  return tls === undefined ? "http" : "https";
}

/** Where `livemesh token` and servers look for a key that is not named. */
export function defaultTokenKeyFile(): string {
  return join(homedir(), ".livemesh", "token-key");
}

/**
 * The key of a file, of a variable (`env:NAME`) or of somebody's JWKS (`https://…`). A file that
 * does not exist is made, with a new secret in it.
 * @throws {UsageError} In one line.
 */
export async function readKeys(source: string): Promise<TokenKeys> {
  if (/^https?:\/\//.test(source)) return remoteTokenKeys(source);
  const text = await readSecret(source, "--token-key", makeSecretFile);
  try {
    return readTokenKeys(text, source);
  } catch (cause) {
    throw new UsageError(`--token-key: ${messageOf(cause)}`, { cause });
  }
}

async function readTls({ tlsCert, tlsKey }: SecurityFlags): Promise<ServerSecurity["tls"]> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new UsageError("HTTPS takes both --tls-cert and --tls-key");
  }
  // One after the other: the first problem is told, whichever disk is quicker.
  const cert = await readSecret(tlsCert, "--tls-cert");
  return { cert, key: await readSecret(tlsKey, "--tls-key") };
}

async function readIce({ stun, turn, turnSecret }: SecurityFlags): Promise<IceOptions> {
  if (turn.length === 0) return { stunUrls: stun };
  if (turnSecret === undefined) {
    throw new UsageError("--turn needs --turn-secret, the static-auth-secret of the TURN server");
  }
  const secret = (await readSecret(turnSecret, "--turn-secret")).trim();
  if (secret.length < 16) {
    throw new UsageError(`--turn-secret has ${secret.length} characters; 16 or more are needed`);
  }
  return { stunUrls: stun, turn: { urls: turn, secret } };
}

/** Secrets are never on the command line, where every user of a machine can read them. */
async function readSecret(
  source: string,
  option: string,
  make?: (file: string) => Promise<string>,
): Promise<string> {
  if (source.startsWith("env:")) {
    const value = process.env[source.slice(4)];
    if (value === undefined || value === "") {
      throw new UsageError(`${option}: the variable ${source.slice(4)} is not set`);
    }
    return value;
  }
  try {
    return await readFile(source, "utf8");
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    if (isMissing && make !== undefined) return make(source);
    throw new UsageError(`${option}: ${source} cannot be read (${messageOf(cause)})`, { cause });
  }
}

async function makeSecretFile(file: string): Promise<string> {
  const secret = randomBytes(32).toString("base64url");
  try {
    await mkdir(dirname(file), { recursive: true });
    // Whoever can read it can let anybody in.
    await writeFile(file, `${secret}\n`, { mode: 0o600, flag: "wx" });
    await chmod(file, 0o600);
  } catch (cause) {
    throw new UsageError(`--token-key: ${file} cannot be made (${messageOf(cause)})`, { cause });
  }
  return secret;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
