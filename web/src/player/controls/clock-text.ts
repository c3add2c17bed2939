/** `0:07`, `12:34`, `1:02:03`. */
export function clock(ms: number): string {
  const totalSec = Math.round(ms / 1000);
  const parts = [Math.floor(totalSec / 3600), Math.floor(totalSec / 60) % 60, totalSec % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown
    .map((part, place) => (place === 0 ? `${part}` : String(part).padStart(2, "0")))
    .join(":");
}
