export { type SteeredPeer, Steering, type SteeringConfig } from "./steering.ts";
