/**
 * What an event of the `TimingWheel` is. Messages between peers carry the receiver's link slot with
 * their kind, the sender second and what it is about third; timers carry the peer with their kind.
 */
export const KIND = {
  push: 0,
  answer: 1,
  pushThrough: 2,
  answerThrough: 3,
  subscribe: 4,
  accept: 5,
  refuse: 6,
  unsubscribe: 7,
  request: 8,
  deny: 9,
  cancel: 10,
  close: 11,
  silent: 12,
  lastMessage: 12,
  drainTimer: 13,
  repairTimer: 14,
  parentsTimer: 15,
  roundTimer: 16,
  newsTimer: 17,
  overlayTimer: 18,
  dialed: 19,
  dialFailed: 20,
  introduced: 21,
  joined: 22,
  fetched: 23,
  forgotten: 24,
  publish: 25,
  arrive: 26,
  incident: 27,
  churn: 28,
} as const;

/** What messages on a stripe are about: the stripe; in a `subscribe` whether it is urgent and whether it is for
 * the place of the sender's parent; the rest from the ninth bit. */
export const STRIPE_BITS = 0x3f;
export const CLIMB_BIT = 1 << 6;
export const URGENT_BIT = 1 << 7;

const PLACE_BITS = 26;

/** Kind and the peer or slot it concerns, as one integer. */
export function packed(kind: number, place: number): number {
  return (kind << PLACE_BITS) | place;
}

export function kindOf(word: number): number {
  return word >>> PLACE_BITS;
}

export function placeOf(word: number): number {
  return word & ((1 << PLACE_BITS) - 1);
}
