/** Constructed rather than in the markup: a strict content security policy lets these pass. */
export function styleSheet(css: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}

export function playerStyles(): CSSStyleSheet {
  return styleSheet(CSS);
}

// Surfaces are dark where the browser does not know light-dark().
const CSS = `
:host {
  --accent: var(--livemesh-accent, #ff4d5e);
  --surface: var(--livemesh-surface, rgb(16 18 26 / .95));
  --text: var(--livemesh-text, #f4f5f7);
  --quiet: var(--livemesh-quiet-text, #b4b9c4);
  --line: rgb(128 136 152 / .3);
  --font: var(--livemesh-font, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif);
  --radius: var(--livemesh-radius, 12px);
  display: block;
  position: relative;
  aspect-ratio: 16 / 9;
  background: #000;
  color: #fff;
  font: 14px/1.4 var(--font);
  overflow: hidden;
}
@supports (color: light-dark(#000, #fff)) {
  :host {
    --surface: var(--livemesh-surface, light-dark(rgb(255 255 255 / .97), rgb(16 18 26 / .95)));
    --text: var(--livemesh-text, light-dark(#14171f, #f4f5f7));
    --quiet: var(--livemesh-quiet-text, light-dark(#565d6b, #b4b9c4));
  }
}
:host([theme="light"]) { color-scheme: light; }
:host([theme="dark"]) { color-scheme: dark; }
:host([theme="auto"]) { color-scheme: light dark; }
:host([hidden]) { display: none; }
media-controller { display: block; width: 100%; height: 100%; position: relative;
  container-type: size; }
media-controller:focus-visible { outline: 2px solid #fff; outline-offset: -2px; }
video { display: block; width: 100%; height: 100%; object-fit: contain; background: #000; }
button { font: inherit; color: inherit; border: 0; background: none; cursor: pointer; }
button:focus-visible, select:focus-visible, input:focus-visible {
  outline: 2px solid var(--focus, #fff); outline-offset: -2px;
}
[hidden] { display: none !important; }

.poster { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain;
  background: #000; pointer-events: none; }
.message {
  position: absolute; inset: 0; display: flex; align-items: center; justify-content: center;
  padding: 12% 8%; text-align: center; line-height: 1.45; text-wrap: balance; font-size: 15px;
  pointer-events: none;
  animation: appear .2s .25s both;
}
.pill {
  display: flex; flex-direction: column; align-items: center; gap: 10px; max-width: 26em;
  padding: 14px 22px; border-radius: calc(var(--radius) + 2px); background: var(--surface);
  color: var(--text); box-shadow: 0 0 0 1px var(--line);
}
.dots { display: flex; gap: 6px; flex: none; }
.dots i { width: 8px; height: 8px; border-radius: 50%; background: var(--line); }
.dots i[data-lit] { background: var(--text); }
@keyframes appear { from { opacity: 0; } }

.play {
  position: absolute; inset: 0; margin: auto; width: 84px; height: 84px; padding: 0;
  border-radius: 50%; background: rgb(16 18 26 / .72); color: #fff; pointer-events: auto;
  box-shadow: 0 4px 24px rgb(0 0 0 / .4);
}
.play:hover { background: var(--accent); }
.play svg { width: 46px; height: 46px; fill: currentColor; vertical-align: middle; }

.unmute {
  position: absolute; top: 12px; left: 12px; display: flex; align-items: center; gap: 8px;
  min-height: 44px; padding: 8px 16px 8px 12px; border-radius: 999px; background: var(--surface);
  color: var(--text); font-weight: 600; line-height: 20px; pointer-events: auto;
  box-shadow: 0 2px 12px rgb(0 0 0 / .35); --focus: var(--accent);
}
.unmute svg { width: 20px; height: 20px; fill: currentColor; }
.unmute:hover { text-decoration: underline; }

.settings, .stats {
  position: absolute; z-index: 2; box-sizing: border-box; overflow: auto;
  overscroll-behavior: contain; border-radius: var(--radius); background: var(--surface);
  color: var(--text); pointer-events: auto; box-shadow: 0 6px 28px rgb(0 0 0 / .4);
  --focus: var(--accent); line-height: 1.5; text-align: start;
}

@container (max-width: 520px) {
  .message { font-size: 14px; padding: 4% 6% 52px; }
  .play { width: 64px; height: 64px; }
}
@media (prefers-reduced-motion: reduce) {
  .message { animation: none; }
}
`;
