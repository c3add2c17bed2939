import { useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import "livemesh/player";
import { watchUrl } from "../stream.ts";

function LivePlayer({ src }) {
  const player = useRef(null);
  const [latencyMs, setLatencyMs] = useState(null);

  useEffect(() => {
    const element = player.current;
    const heard = ({ detail }) => setLatencyMs(detail.latencyMs);
    element.addEventListener("latencychange", heard);
    return () => element.removeEventListener("latencychange", heard);
  }, []);

  return (
    <>
      <livemesh-player ref={player} src={src} autoplay muted />
      <p>{latencyMs === null ? "connecting…" : `${latencyMs} ms behind the source`}</p>
    </>
  );
}

const src = await watchUrl();
createRoot(document.getElementById("app")).render(<LivePlayer src={src} />);
