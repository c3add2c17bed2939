/** Going back in time; loaded with streams that have a past to go back to. */
export { PastView } from "./past-view.ts";
export { SessionPast } from "./session-past.ts";
