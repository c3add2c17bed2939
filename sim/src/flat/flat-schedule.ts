import { exponential, heavyTailed } from "../random.ts";
import type { Incident, Scenario } from "../scenario.ts";
import { viewersOf } from "../scenario-variants.ts";
import { KIND, packed } from "./events.ts";
import { FlatSwarm } from "./flat-swarm.ts";

/** As in ../schedule.ts. */
const FIRST_ARRIVAL_MS = 1000;

/** Makes happen in a swarm what its scenario has in store: ../schedule.ts, step by step. */
export class FlatSchedule {
  readonly swarm: FlatSwarm;
  readonly #scenario: Scenario;

  constructor(scenario: Scenario, seed: number) {
    this.#scenario = scenario;
    this.swarm = new FlatSwarm(scenario, seed, capacityOf(scenario), (kind, about) =>
      this.#happens(kind, about),
    );
    this.#at(0, KIND.publish, 0);
    this.#spread(FIRST_ARRIVAL_MS, scenario.peers, scenario.arrival.overMs);
    scenario.incidents.forEach(({ atMs }, i) => {
      this.#at(atMs, KIND.incident, i);
    });
    if (scenario.churnPerMinute > 0) this.#churnAfter(scenario.measureFromMs);
  }

  #at(atMs: number, kind: number, about: number): void {
    this.swarm.wheel.push(atMs, packed(kind, about), 0, 0);
  }

  #happens(kind: number, about: number): void {
    const { swarm } = this;
    switch (kind) {
      case KIND.publish:
        swarm.blocks.publish(about);
        return this.#at(swarm.plan.publishedAtMs(about + 1), KIND.publish, about + 1);
      case KIND.arrive:
        return swarm.arrive();
      case KIND.incident:
        return this.#happen(this.#scenario.incidents[about] as Incident);
      case KIND.churn:
        this.#replaceOne();
        return this.#churnAfter(swarm.wheel.nowMs);
    }
  }

  #spread(fromMs: number, viewers: number, overMs: number): void {
    for (let i = 0; i < viewers; i++) {
      this.#at(fromMs + (overMs * i) / viewers, KIND.arrive, 0);
    }
  }

  #happen(incident: Incident): void {
    const { swarm } = this;
    const { nowMs } = swarm.wheel;
    const some = (share: number) => swarm.peers.aliveViewers().filter(() => swarm.random() < share);
    switch (incident.type) {
      case "vanish":
        for (const viewer of some(incident.share)) swarm.vanish(viewer);
        return;
      case "crowd":
        return this.#spread(nowMs, incident.viewers, incident.overMs);
      case "seeder-cut":
        swarm.network.seederCutUntilMs = nowMs + incident.forMs;
        return;
      case "tracker-lost":
        swarm.tracker.isUp = false;
        return;
      case "origin-lost":
        swarm.lonely.isOriginUp = false;
        return;
      case "slow-uplinks":
        for (const viewer of some(incident.share)) swarm.peers.slowDown(viewer, incident.factor);
        return;
      case "turn":
        throw new RangeError(`incidents: the flat model has no "turn"`);
    }
  }

  #churnAfter(atMs: number): void {
    const { random, peers } = this.swarm;
    const perMs = (this.#scenario.churnPerMinute * Math.max(1, peers.aliveCount)) / 60_000;
    this.#at(atMs + exponential(random, 1 / perMs), KIND.churn, 0);
  }

  /** Who leaves: newcomers rather than those who have stayed long, as heavy tails have it. */
  #replaceOne(): void {
    const { random, peers } = this.swarm;
    const alive = peers.aliveCount;
    const patience = heavyTailed(random, 1);
    const newest = Math.min(alive - 1, Math.floor(alive / (1 + patience)));
    this.swarm.vanish(peers.newestAlive(Math.floor(random() * (newest + 1))));
    this.swarm.arrive();
  }
}

/** Room for everybody who will ever come: of replacements six standard deviations more than expected. */
function capacityOf(scenario: Scenario): number {
  const viewers = viewersOf(scenario);
  const churnMs = Math.max(0, scenario.durationMs - scenario.measureFromMs);
  const replaced = (scenario.churnPerMinute * viewers * churnMs) / 60_000;
  return 1 + viewers + Math.ceil(replaced + 6 * Math.sqrt(replaced));
}
