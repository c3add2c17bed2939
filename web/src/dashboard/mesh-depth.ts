import type { MeshLink } from "#protocol/control";

/** Rounds of averaging: routes are hardly ever longer. */
const ROUNDS = 12;
/** Beyond this a number says no more than "far". */
const DEPTH_MAX = 12;

/**
 * How many hops from the seeder each peer is, on average over its stripes: each stripe has a tree of its
 * own. Peers without a way to a seeder are missing: the origin feeds them.
 */
export function meshDepths(
  seeders: readonly string[],
  links: readonly MeshLink[],
): Map<string, number> {
  const depths = new Map(seeders.map((peerId) => [peerId, 0]));
  const parents = new Map<string, MeshLink[]>();
  for (const link of links) {
    if (link.stripes === 0) continue;
    const known = parents.get(link.to);
    if (known === undefined) parents.set(link.to, [link]);
    else known.push(link);
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [peerId, from] of parents) {
      if (seeders.includes(peerId)) continue;
      let stripes = 0;
      let sum = 0;
      for (const link of from) {
        const depth = depths.get(link.from);
        if (depth === undefined) continue;
        stripes += link.stripes;
        sum += link.stripes * (depth + 1);
      }
      if (stripes > 0) depths.set(peerId, Math.min(DEPTH_MAX, sum / stripes));
    }
  }
  return depths;
}
