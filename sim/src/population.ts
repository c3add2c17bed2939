import { type Random, shuffle } from "./random.ts";
import type { Misbehavior, Scenario } from "./scenario.ts";

/** What a viewer's place in the world gives it. */
export type PeerTraits = {
  uplinkBps: number;
  downlinkBps: number;
  /** Position on a map whose diagonal is the greatest latency. */
  x: number;
  y: number;
  /** Peers of the same number share a local network; -1 for none. */
  lan: number;
  isHardNat: boolean;
  hasTurn: boolean;
  isHidden: boolean;
  isRelay: boolean;
  misbehavior: Misbehavior | undefined;
};

/** Centers of regions: viewers gather around them, as they do in cities. */
const REGIONS = [
  [0.15, 0.25],
  [0.2, 0.75],
  [0.5, 0.5],
  [0.8, 0.2],
  [0.85, 0.8],
] as const;
const REGION_SPREAD = 0.12;

/** Draws viewers so that every hundred of them has the shares the scenario states. */
export class Population {
  readonly #scenario: Scenario;
  readonly #random: Random;
  readonly #uplinks: Deck<number>;
  readonly #natKinds: Deck<boolean>;
  /** Undefined where there is no TURN: then nothing is drawn. */
  readonly #turns: Deck<boolean> | undefined;
  readonly #hidden: Deck<boolean>;
  readonly #behaviors: Deck<Misbehavior | undefined>;
  #drawn = 0;

  constructor(scenario: Scenario, random: Random) {
    this.#scenario = scenario;
    this.#random = random;
    const { uplinks, hardNatShare, turnShare, hiddenShare, misbehaving } = scenario;
    this.#uplinks = new Deck(
      uplinks.map(({ share, ofStreamRate }) => [ofStreamRate, share]),
      random,
    );
    this.#natKinds = new Deck(yesNo(hardNatShare), random);
    this.#turns = turnShare > 0 ? new Deck(yesNo(turnShare), random) : undefined;
    this.#hidden = new Deck(yesNo(hiddenShare), random);
    const honest = 1 - misbehaving.reduce((sum, { share }) => sum + share, 0);
    this.#behaviors = new Deck<Misbehavior | undefined>(
      [[undefined, honest], ...misbehaving.map(({ as, share }) => [as, share] as const)],
      random,
    );
  }

  draw(): PeerTraits {
    const { stream, downlinkOfStreamRate, lanSize, relays } = this.#scenario;
    const isRelay = this.#drawn < relays.count;
    const lan = lanSize > 1 ? Math.floor(this.#drawn / lanSize) : -1;
    this.#drawn++;
    const [x, y] = this.#place();
    const viewer = {
      uplinkBps: this.#uplinks.draw() * stream.bitrateBps,
      downlinkBps: downlinkOfStreamRate * stream.bitrateBps,
      x,
      y,
      lan,
      isHardNat: this.#natKinds.draw(),
      hasTurn: this.#turns?.draw() === true,
      isHidden: this.#hidden.draw(),
      isRelay,
      misbehavior: this.#behaviors.draw(),
    };
    if (!isRelay) return viewer;
    const uplinkBps = relays.ofStreamRate * stream.bitrateBps;
    const server = { isHardNat: false, isHidden: false, misbehavior: undefined };
    return { ...viewer, ...server, uplinkBps, downlinkBps: uplinkBps };
  }

  #place(): [number, number] {
    const region = REGIONS[Math.floor(this.#random() * REGIONS.length)] ?? REGIONS[0];
    const around = () => REGION_SPREAD * (2 * this.#random() - 1);
    return [region[0] + around(), region[1] + around()];
  }
}

function yesNo(share: number): [boolean, number][] {
  return [
    [true, share],
    [false, 1 - share],
  ];
}

/** Cards dealt between two shuffles. */
const CARDS = 20;

/**
 * Draws without replacement from cards of the stated shares, then shuffles anew. What a share is
 * short of after one round it is given in the next: one in a hundred has a card in every fifth.
 */
class Deck<T> {
  readonly #shares: readonly (readonly [T, number])[];
  readonly #random: Random;
  /** Cards each share is short of. */
  readonly #owed: number[];
  #cards: T[] = [];

  constructor(shares: readonly (readonly [T, number])[], random: Random) {
    this.#shares = shares;
    this.#random = random;
    this.#owed = shares.map(() => 0);
  }

  draw(): T {
    if (this.#cards.length === 0) this.#refill();
    return this.#cards.pop() as T;
  }

  #refill(): void {
    this.#shares.forEach(([value, share], i) => {
      this.#owed[i] = (this.#owed[i] ?? 0) + CARDS * share;
      while ((this.#owed[i] ?? 0) >= 1 && this.#cards.length < CARDS) this.#add(value, i);
    });
    while (this.#cards.length < CARDS) {
      const most = this.#owed.indexOf(Math.max(...this.#owed));
      this.#add((this.#shares[most] as readonly [T, number])[0], most);
    }
    shuffle(this.#cards, this.#random);
  }

  #add(value: T, i: number): void {
    this.#cards.push(value);
    this.#owed[i] = (this.#owed[i] ?? 0) - 1;
  }
}
