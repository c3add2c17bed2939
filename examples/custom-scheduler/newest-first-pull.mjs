import { Treeless } from "livemesh/mesh";

/**
 * A strategy of one's own: nothing is pushed, and what was made last is requested first. The base class
 * has what strategies without trees share; every member is described by `Scheduler` in `livemesh/mesh`.
 */
export class NewestFirstPull extends Treeless {
  /** Of what neighbors claim and nobody was asked for, the least rank is requested first. */
  rank({ deadlineMs }) {
    return -deadlineMs;
  }

  /** Nobody pushes here: whoever does anyway is dropped after the third block. */
  judge() {
    return "offence";
  }

  /** Whoever wants the block reads of it in our news, and asks. */
  stored() {}

  /** Due as soon as a neighbor claims it; nobody owes it to us. */
  expectation(_stripe, heardAtMs) {
    return { dueAtMs: heardAtMs, isPushed: false };
  }
}
