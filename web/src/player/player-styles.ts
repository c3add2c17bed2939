/** Constructed rather than in the markup: a strict content security policy lets these pass. */
export function playerStyles(): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  return sheet;
}

const CSS = `
:host {
  --accent: var(--livemesh-accent, #ff4d5e);
  --peers: var(--livemesh-peers, #3ddc97);
  --seeder: var(--livemesh-seeder, #5aa9ff);
  --origin: var(--livemesh-origin, #ffc04d);
  --media-font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  --media-primary-color: #fff;
  --media-secondary-color: transparent;
  --media-control-background: transparent;
  --media-control-hover-background: rgb(255 255 255 / .14);
  --media-range-bar-color: #fff;
  --media-range-track-background: rgb(255 255 255 / .28);
  --media-button-padding: 10px;
  --media-focus-box-shadow: inset 0 0 0 2px #fff;
  display: block;
  position: relative;
  aspect-ratio: 16 / 9;
  background: #000;
  color: #fff;
  font: 14px/1.4 var(--media-font-family);
  overflow: hidden;
  color-scheme: dark;
}
:host([hidden]) { display: none; }
media-controller { display: block; width: 100%; height: 100%; position: relative; }
video { display: block; width: 100%; height: 100%; object-fit: contain; background: #000; }
button { font: inherit; color: inherit; border: 0; background: none; cursor: pointer; }
button:focus-visible { outline: 2px solid #fff; outline-offset: -2px; }
[hidden] { display: none !important; }

.message {
  position: absolute; inset: 0; display: flex; align-items: center; justify-content: center;
  padding: 12% 8%; text-align: center; line-height: 1.45; text-wrap: balance; font-size: 15px;
  pointer-events: none;
  animation: appear .2s .25s both;
}
.message[data-kind="failed"] { background: rgb(12 14 20 / .86); pointer-events: auto; }
.pill {
  display: flex; flex-direction: column; align-items: center; gap: 10px; max-width: 26em;
  padding: 14px 22px; border-radius: 14px; background: rgb(14 16 24 / .82);
}
.dots { display: flex; gap: 6px; flex: none; }
.dots i { width: 8px; height: 8px; border-radius: 50%; background: rgb(255 255 255 / .32); }
.dots i[data-lit] { background: #fff; }
@keyframes appear { from { opacity: 0; } }

.unmute {
  position: absolute; top: 12px; left: 12px; display: flex; align-items: center; gap: 8px;
  padding: 8px 14px 8px 10px; border-radius: 999px; background: rgb(255 255 255 / .94);
  color: #11131a; font-weight: 600; line-height: 20px; pointer-events: auto;
  box-shadow: 0 2px 12px rgb(0 0 0 / .35);
}
.unmute svg { width: 20px; height: 20px; fill: currentColor; }
.unmute:hover { background: #fff; }
.unmute:focus-visible { outline: 2px solid #11131a; outline-offset: -5px; }

media-control-bar {
  position: relative; z-index: 1; box-sizing: border-box; width: 100%; align-items: center;
  padding: 22px 6px 4px;
  background: linear-gradient(transparent, rgb(0 0 0 / .68));
}
media-control-bar:not(:defined) { display: none; }
media-control-bar > * { border-radius: 8px; line-height: 24px; }
media-volume-range { width: 84px; --media-range-thumb-background: #fff; }
.live {
  display: inline-flex; align-items: center; gap: 7px; height: 32px; padding: 0 10px;
  margin-left: 2px; border-radius: 8px; font-weight: 600; font-variant-numeric: tabular-nums;
  white-space: nowrap;
}
.live:hover, .tool:hover { background: rgb(255 255 255 / .14); }
.live::before {
  content: ""; width: 9px; height: 9px; border-radius: 50%; background: #9aa0ad; flex: none;
}
.live[data-live]::before { background: var(--accent); }
.live small { font-size: inherit; font-weight: 400; opacity: .82; }
.notice {
  min-width: 0; margin-left: 4px; padding: 0 8px; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; font-size: 13px; opacity: .82;
}
.spacer { flex: 1; }
.tool {
  display: inline-flex; align-items: center; justify-content: center; width: 44px; height: 44px;
  padding: 0;
}
.tool svg { width: 22px; height: 22px; fill: none; stroke: #fff; stroke-width: 2;
  stroke-linecap: round; }
.tool[aria-pressed="true"] { background: rgb(255 255 255 / .2); }

.stats {
  position: absolute; top: 12px; right: 12px; box-sizing: border-box; width: 330px;
  max-width: calc(100% - 24px); max-height: calc(100% - 76px); overflow: auto;
  padding: 12px 14px 10px; border-radius: 12px; background: rgb(14 16 24 / .9);
  font-size: 12.5px; line-height: 1.5; pointer-events: auto;
  font-variant-numeric: tabular-nums; box-shadow: 0 6px 28px rgb(0 0 0 / .4);
}
.stats h2 { margin: 0 0 8px; font-size: 13.5px; font-weight: 650; }
.bar { display: flex; height: 8px; border-radius: 4px; overflow: hidden;
  background: rgb(255 255 255 / .14); }
.bar i { display: block; width: calc(100% * var(--share, 0)); transition: width .4s; }
[data-kind="peers"] { --color: var(--peers); }
[data-kind="seeder"] { --color: var(--seeder); }
[data-kind="origin"] { --color: var(--origin); }
.bar i, .legend i { background: var(--color); }
.legend { display: flex; flex-wrap: wrap; gap: 2px 12px; margin: 7px 0 9px; padding: 0;
  list-style: none; }
.legend li { display: flex; align-items: center; gap: 6px; }
.legend i { width: 8px; height: 8px; border-radius: 2px; }
.stats dl { display: grid; grid-template-columns: auto 1fr; gap: 1px 14px; margin: 0;
  padding-top: 7px; border-top: 1px solid rgb(255 255 255 / .14); }
.stats dt { opacity: .68; }
.stats dd { margin: 0; text-align: right; }

@container (max-width: 520px) {
  media-volume-range, media-pip-button { display: none; }
  .notice { display: none; }
  .message { font-size: 14px; padding: 4% 6% 48px; }
}
media-controller { container-type: inline-size; }
`;
