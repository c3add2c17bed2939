/** Of the control bar and the settings; loaded with them. */
export const CONTROLS_CSS = `
:host {
  --controls: var(--livemesh-controls, #fff);
  --media-font-family: var(--font);
  --media-primary-color: var(--controls);
  --media-secondary-color: transparent;
  --media-control-background: transparent;
  --media-control-hover-background: rgb(255 255 255 / .16);
  --media-range-bar-color: var(--controls);
  --media-range-track-background: rgb(255 255 255 / .34);
  --media-range-thumb-background: var(--controls);
  --media-tooltip-background: var(--surface);
  --media-button-padding: 10px;
  --media-focus-box-shadow: inset 0 0 0 2px var(--controls);
}
.controls {
  position: relative; z-index: 1; align-self: stretch; box-sizing: border-box; display: flex;
  align-items: center; padding: 28px 6px 4px; color: var(--controls);
  background: linear-gradient(transparent,
    var(--livemesh-controls-shade, rgb(0 0 0 / .78)) 62%);
}
.seek { position: absolute; left: 14px; right: 14px; top: 20px; height: 20px; margin: 0;
  appearance: none; background: none; cursor: pointer; }
.seek::-webkit-slider-runnable-track { height: 4px; border-radius: 2px;
  background: linear-gradient(to right, var(--accent) var(--played, 100%),
    rgb(255 255 255 / .34) var(--played, 100%)); }
.seek::-moz-range-track { height: 4px; border-radius: 2px; background: rgb(255 255 255 / .34); }
.seek::-moz-range-progress { height: 4px; border-radius: 2px; background: var(--accent); }
.seek::-webkit-slider-thumb { appearance: none; width: 14px; height: 14px; margin-top: -5px;
  border-radius: 50%; background: var(--controls); }
.seek::-moz-range-thumb { width: 14px; height: 14px; border: 0; border-radius: 50%;
  background: var(--controls); }
[data-dvr] .controls { padding-top: 42px; }
[data-dvr] .settings { bottom: 76px; max-height: calc(100% - 88px); }
.controls > * { flex: none; border-radius: 8px; line-height: 24px; }
.controls media-tooltip { color: var(--text); }
media-volume-range { width: 84px; }
.live {
  display: inline-flex; align-items: center; gap: 7px; height: 44px; padding: 0 10px;
  margin-left: 2px; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap;
}
.live:hover, .tool:hover { background: rgb(255 255 255 / .16); }
.live::before {
  content: ""; width: 9px; height: 9px; border-radius: 50%; background: #9aa0ad; flex: none;
}
.live[data-live]::before { background: var(--accent); }
.live small { font-size: inherit; font-weight: 400; }
.controls .notice {
  flex: 0 1 auto; min-width: 0; margin-left: 4px; padding: 0 8px; overflow: hidden;
  text-overflow: ellipsis; white-space: nowrap; font-size: 13px; max-width: 42cqw;
}
.controls .spacer { flex: 1; }
.tool {
  display: inline-flex; align-items: center; justify-content: center; width: 44px; height: 44px;
  padding: 0;
}
.tool svg { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 2;
  stroke-linecap: round; }
.tool[aria-pressed="true"], .tool[aria-expanded="true"] { background: rgb(255 255 255 / .22); }

media-airplay-button[mediaairplayunavailable], media-cast-button[mediacastunavailable],
media-pip-button[mediapipunavailable],
media-fullscreen-button[mediafullscreenunavailable],
media-captions-button:not([mediasubtitleslist]) { display: none; }
.settings { right: 10px; bottom: 62px; width: 320px; height: auto; max-width: calc(100% - 20px);
  max-height: calc(100% - 74px); padding: 6px; font-size: 14px; }
.row { display: grid; grid-template-columns: 1fr auto; align-items: center; gap: 2px 14px;
  min-height: 44px; padding: 2px 10px; border-radius: 8px; cursor: pointer; }
.row:hover { background: rgb(128 136 152 / .16); }
.row small { grid-column: 1 / -1; padding-bottom: 8px; color: var(--quiet); font-size: 12.5px; }
.row select { max-width: 180px; padding: 5px 6px; border: 1px solid var(--line); border-radius: 6px;
  background: transparent; color: inherit; font: inherit; }
.row option { background: Canvas; color: CanvasText; }
.row input { width: 20px; height: 20px; margin: 0; accent-color: var(--accent); }

@container (max-width: 620px) {
  media-volume-range { display: none; }
  .notice { display: none; }
}
@container (max-width: 420px) {
  .stats-button, media-pip-button { display: none; }
  .live { padding: 0 6px; }
}
`;
