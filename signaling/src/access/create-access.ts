import { randomBytes, timingSafeEqual } from "node:crypto";
import { ACTIONS, type Access, type Action, ALLOWED, OPEN_ACCESS, refusal } from "./access.ts";
import { TokenAccess } from "./token-access.ts";
import type { TokenKeys } from "./token-keys.ts";
import { MemoryUseCounter, type UseCounter } from "./use-counter.ts";
import { WebhookAccess } from "./webhook-access.ts";

export type AccessOptions = {
  /** What is protected. Default: everything, once there is a key or a webhook. */
  protects?: readonly Action[];
  /** Undefined: no token is good for anything. */
  keys?: TokenKeys | undefined;
  /** Where uses are counted. Default: in this process. */
  uses?: UseCounter | undefined;
  /** Asked in place of a token. */
  onPublish?: string | undefined;
  onWatch?: string | undefined;
};

/** Access as configured; open when nothing is. */
export function createAccess(options: AccessOptions): Access {
  const { keys, onPublish, onWatch, protects = ACTIONS } = options;
  if (keys === undefined && onPublish === undefined && onWatch === undefined) return OPEN_ACCESS;
  const tokens = keys && new TokenAccess(keys, options.uses ?? new MemoryUseCounter());
  const nobody: Pick<Access, "check"> = {
    check: async ({ action }) => refusal(`nobody may ${action} here: the server has no token key`),
  };
  const asked = (url: string | undefined) =>
    url === undefined ? (tokens ?? nobody) : new WebhookAccess({ url });
  const judges = { publish: asked(onPublish), watch: asked(onWatch), admin: asked(undefined) };
  return {
    protects: (action) => protects.includes(action),
    check: async (request) =>
      protects.includes(request.action) ? judges[request.action].check(request) : ALLOWED,
  };
}

/** Access with one more token, good for everything, that never leaves this process: its own
 * publisher's. */
export function withOwnToken(access: Access): { access: Access; token: string } {
  const token = randomBytes(24).toString("base64url");
  const own = Buffer.from(token);
  const isOwn = (shown: string | undefined) => {
    const bytes = Buffer.from(shown ?? "");
    return bytes.length === own.length && timingSafeEqual(bytes, own);
  };
  return {
    token,
    access: {
      protects: (action) => access.protects(action),
      check: async (request) => (isOwn(request.token) ? ALLOWED : access.check(request)),
    },
  };
}
