import { linkConformance } from "../../conformance/index.ts";
import type { LinkFactory } from "../../link.ts";
import { browserLinks } from "../browser-links.ts";
import { type RemoteLinkCall, type RemoteLinkEvent, remoteLinks } from "./remote-links.ts";

/** Who dials whom; `node` is a link of the test process. */
export type ConformancePairing = "browser-browser" | "browser-node" | "node-browser";

/** What the page offers to the test, and what the test offers to the page. */
export interface ConformancePage {
  /** Resolves to the complaint, or to undefined when the check holds. */
  runCheck(pairing: ConformancePairing, name: string): Promise<string | undefined>;
  remoteLinkEvent(event: RemoteLinkEvent): void;
  remoteLinkCall(call: RemoteLinkCall): void;
}

const page = globalThis as unknown as ConformancePage;
const remote = remoteLinks((call) => page.remoteLinkCall(call));
page.remoteLinkEvent = remote.handle;

page.runCheck = async (pairing, name) => {
  const check = linkConformance.find((candidate) => candidate.name === name);
  if (check === undefined) return `no check is called "${name}"`;
  const [from, to] = pairing.split("-");
  const near = from === "browser" ? ("dial" as const) : ("answer" as const);
  const rig = { dialer: end(from), answerer: end(to), near };
  try {
    await check.run(rig);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  } finally {
    rig.dialer.close();
    rig.answerer.close();
  }
};

function end(kind: string | undefined): LinkFactory {
  return kind === "browser" ? browserLinks() : remote.factory;
}
