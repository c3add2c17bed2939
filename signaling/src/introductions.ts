import type { IntroducedPeer } from "#protocol";
import type { Member, Swarm } from "./swarm.ts";

/** Share of an introduction that comes from the same network, and from the same region, where the
 * overlay does not ask for nearness: links that cost little, without the swarm falling apart into
 * islands. A guess. */
const NEAR_SHARE = 0.25;

/** Share of an introduction that relays of operators may have, which anybody can say to be: few may
 * serve hundreds, and chance would bring them to hardly anybody. A guess. */
const RELAY_SHARE = 0.25;

/** So many are drawn for each that is named: the better half is a choice, the draw keeps it fair. */
const DRAWN_PER_NAMED = 2;

export type IntroductionWish = {
  swarm: Swarm;
  /** Who wants to know. */
  member: Member;
  count: number;
  /** Of these, so many it was not told of before; bounds what a crawler learns. */
  freshMax: number;
  /** Whether nearness goes before everything else: the overlay `nearby`. */
  isNearFirst: boolean;
  /** Who is named only where there is nobody else. */
  isSuspect: (member: Member) => boolean;
  /** Uniform in [0, 1). */
  random: () => number;
};

/**
 * Viewers for one to connect to: some relays, some near ones, of the rest half of those who came last, for they have
 * places left, and half of all, so that the swarm hangs together. Who was not named before goes
 * first, so that each question brings others; then who can be reached, then who can send much.
 */
export function chooseIntroductions(wish: IntroductionWish): Member[] {
  const { swarm, member, count, isNearFirst, random } = wish;
  const chosen = new Set<Member>();
  const nearMax = isNearFirst ? count : Math.floor(count * NEAR_SHARE);
  const near = DRAWN_PER_NAMED * nearMax;
  const relayMax = Math.floor(count * RELAY_SHARE);
  take(chosen, relayMax, swarm.relays.sample(DRAWN_PER_NAMED * relayMax, random, member), wish);
  take(chosen, nearMax, swarm.sameNetwork(member.place)?.sample(near, random, member), wish);
  take(chosen, nearMax, swarm.sameRegion(member.place)?.sample(near, random, member), wish);
  const recentMax = Math.floor((count - chosen.size) / 2);
  take(chosen, recentMax, drawn(swarm.recent, DRAWN_PER_NAMED * recentMax, random), wish);
  // As many as are asked for, though some be drawn for the second time.
  const rest = DRAWN_PER_NAMED * (count - chosen.size) + chosen.size;
  take(chosen, count, swarm.viewers.sample(rest, random, member), wish);
  return withinBudget([...chosen], wish);
}

/** As peers are told of each other. */
export function introducedAs({ record, place }: Member, to: Member): IntroducedPeer {
  const { network, region } = to.place;
  if (network !== undefined && network === place.network) return { ...record, near: "network" };
  if (region !== undefined && region === place.region) return { ...record, near: "region" };
  return record;
}

function take(
  chosen: Set<Member>,
  max: number,
  pool: readonly Member[] | undefined,
  { member, count, isSuspect }: IntroductionWish,
): void {
  let left = Math.min(max, count - chosen.size);
  if (left <= 0 || pool === undefined) return;
  const rank = (one: Member) =>
    (isSuspect(one) ? 4 : 0) +
    (member.introduced.has(one.record.peerId) ? 2 : 0) +
    (canConnect(member, one) ? 0 : 1);
  const uploadBps = (one: Member) => one.place.uploadBps ?? 0;
  const ordered = [...pool].sort((a, b) => rank(a) - rank(b) || uploadBps(b) - uploadBps(a));
  for (const one of ordered) {
    if (one === member || chosen.has(one)) continue;
    chosen.add(one);
    if (--left === 0) return;
  }
}

/** Two NATs that give every destination another port find no way to each other without a relay. */
function canConnect(a: Member, b: Member): boolean {
  return a.place.nat !== "symmetric" || b.place.nat !== "symmetric";
}

function withinBudget(chosen: Member[], { member, freshMax }: IntroductionWish): Member[] {
  let left = freshMax;
  return chosen.filter(({ record }) => member.introduced.has(record.peerId) || left-- > 0);
}

/** Some of a few, each as likely as any other. */
function drawn(few: Iterable<Member>, count: number, random: () => number): Member[] {
  const pool = [...few];
  const result: Member[] = [];
  while (result.length < count && pool.length > 0) {
    result.push(...pool.splice(Math.floor(random() * pool.length), 1));
  }
  return result;
}
