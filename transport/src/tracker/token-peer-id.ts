import { isPeerId, type PeerId } from "#protocol";

/**
 * The peer a token was made for, if it is a JSON Web Token for one: with it we have to call
 * ourselves by that name. Not verified: that is the tracker's part.
 */
export function tokenPeerId(token: string | undefined): PeerId | undefined {
  const body = token?.split(".")[1];
  if (body === undefined) return undefined;
  try {
    const text = atob(body.replaceAll("-", "+").replaceAll("_", "/"));
    const { peer } = JSON.parse(text) as { peer?: unknown };
    return typeof peer === "string" && isPeerId(peer) ? peer : undefined;
  } catch {
    return undefined;
  }
}
