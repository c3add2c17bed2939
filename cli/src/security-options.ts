import { type Command, InvalidArgumentError } from "commander";
import { ACTIONS, type Action } from "#signaling/access";
import { parseServerUrl } from "./value-parsers.ts";

/** Options of every command that opens a port: who may do what there. */
export function addAccessOptions(command: Command): Command {
  return command
    .option(
      "--token-key <key>",
      "what tokens are checked with: a file (a new secret if there is none), env:NAME or the https URL " +
        "of a JWKS (default: no tokens, everybody may do everything)",
    )
    .option(
      "--protect <actions>",
      "what a token is needed for, of publish, watch and admin",
      parseActions,
      [...ACTIONS],
    )
    .option("--on-publish <url>", "a server of yours that is asked who may publish (default: none)")
    .option("--on-watch <url>", "a server of yours that is asked who may watch (default: none)")
    .option("--insecure", "open a network address though everybody may do everything", false)
    .option(
      "--allow-origin <origins>",
      "whose web pages may use this server, as in https://a.example,https://b.example " +
        "(default: everybody's)",
      parseOrigins,
    )
    .option("--tls-cert <file>", "certificate for HTTPS, PEM (default: plain HTTP)")
    .option("--tls-key <file>", "its private key, PEM (default: plain HTTP)")
    .option("--trust-proxy", "believe x-forwarded-for of a reverse proxy in front", false);
}

/** Options of commands with a tracker in them: what peers are told about NATs. */
export function addIceOptions(command: Command): Command {
  return command
    .option(
      "--stun <url>",
      "a STUN server, stun:host:port; may be given several times",
      collect,
      [],
    )
    .option(
      "--turn <url>",
      "a TURN server, turn:host:port; may be given several times",
      collect,
      [],
    )
    .option(
      "--turn-secret <file>",
      "file, or env:NAME, with the secret shared with the TURN servers (default: none)",
    );
}

function collect(text: string, before: string[]): string[] {
  if (!/^(stuns?|turns?):[^\s]+$/.test(text)) {
    throw new InvalidArgumentError("stun:host:port or turn:host:port is needed");
  }
  return [...before, text];
}

function parseActions(text: string): Action[] {
  const names = text.split(",").map((name) => name.trim());
  const known = ACTIONS.filter((action) => names.includes(action));
  if (known.length === 0 || known.length !== new Set(names).size) {
    throw new InvalidArgumentError(`some of ${ACTIONS.join(", ")} are needed, with commas between`);
  }
  return known;
}

function parseOrigins(text: string): string[] {
  return text.split(",").map((part) => new URL(parseServerUrl(part.trim())).origin);
}
