import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { LivemeshPlayerAttributes } from "./player/jsx.ts";
import type { LivemeshPlayer } from "./player/livemesh-player.ts";

/** For TypeScript with React: `import type {} from "livemesh/player/react"`. */
type Props = Omit<
  DetailedHTMLProps<HTMLAttributes<LivemeshPlayer>, LivemeshPlayer>,
  keyof LivemeshPlayerAttributes
> &
  LivemeshPlayerAttributes;

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "livemesh-player": Props;
    }
  }
}
