import type { Command } from "commander";
import { createBaseProgram, subcommand } from "./base-program.ts";
import { peer } from "./peer-action.ts";
import { addPeerOptions } from "./peer-program.ts";

/**
 * The command line of a process that is to be a peer. Peers run by the hundred: without the servers'
 * libraries each is 25 MB smaller.
 */
export function createPeerOnlyProgram(): Command {
  const program = createBaseProgram();
  addPeerOptions(subcommand(program, "peer")).action(peer);
  return program;
}
