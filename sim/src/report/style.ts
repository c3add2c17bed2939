/** Style of the page. Colours are told apart by those who see few of them, on light and on dark. */
export const PAGE_STYLE = `
:root {
  --page: #f6f6f3; --card: #ffffff; --line: #e6e5e0; --text: #16150f; --soft: #57564f; --faint: #85837a;
  --first: #2a6fd6; --second: #d9642a; --bound: #8b897f; --bad: #b3261e; --good: #1e7a3c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121211; --card: #1b1b19; --line: #2f2f2b; --text: #f2f1ea; --soft: #b9b7ab; --faint: #8d8b80;
    --first: #5b9bf0; --second: #f08a52; --bound: #8f8d82; --bad: #ff8a80; --good: #7fd39a;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 36px 24px 48px; }
h1 { margin: 0; font-size: 30px; letter-spacing: -0.02em; }
h2 { margin: 0; font-size: 15px; font-weight: 600; }
.about { margin: 4px 0 0; font-size: 17px; color: var(--soft); max-width: 72ch; }
.run { margin: 6px 0 0; color: var(--faint); font-variant-numeric: tabular-nums; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px; margin: 24px 0 12px; }
.tile, figure, .all, .violations { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.tile { padding: 14px 16px; display: grid; gap: 2px; }
.tile h2 { font-weight: 500; font-size: 13px; color: var(--soft); }
.tile strong { font-size: 26px; font-weight: 650; letter-spacing: -0.01em; }
.tile span { font-size: 13px; color: var(--faint); min-height: 1.45em; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 500px), 1fr)); gap: 12px; }
figure { margin: 0; padding: 16px 16px 8px; display: flex; flex-direction: column; }
figcaption p { margin: 2px 0 8px; font-size: 13px; color: var(--soft); }
svg { display: block; width: 100%; height: auto; margin-top: auto; }
.legend { display: flex; gap: 16px; font-size: 13px; color: var(--soft); }
.key::before { content: ""; display: inline-block; width: 16px; height: 0; margin-right: 6px; vertical-align: middle; border-top: 3px solid; }
.key.first::before { border-color: var(--first); }
.key.second::before { border-color: var(--second); }
.key.bound::before { border-color: var(--bound); border-top-style: dashed; border-top-width: 2px; }
.tick, .group, text.mark { font-size: 12px; fill: var(--faint); font-variant-numeric: tabular-nums; }
.group, text.mark { fill: var(--soft); }
text.mark { paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
.grid { stroke: var(--line); }
.base { stroke: var(--faint); }
line.mark { stroke: var(--faint); stroke-dasharray: 2 3; }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
.curve.first { stroke: var(--first); }
.curve.second { stroke: var(--second); }
.curve.bound { stroke: var(--bound); stroke-dasharray: 5 4; }
.column { fill: transparent; }
.column:hover { fill: var(--text); fill-opacity: 0.08; }
.bar { fill: var(--first); }
.bar:hover { fill-opacity: 0.8; }
.span { fill: var(--first); fill-opacity: 0.3; }
.middle { fill: var(--first); stroke: var(--card); stroke-width: 2; }
.all, .violations { margin-top: 12px; padding: 16px; }
.violations { border-color: var(--bad); }
.violations h2 { color: var(--bad); }
.all > div { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 0 48px; align-items: start; }
table { border-collapse: collapse; margin-top: 8px; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 0; border-bottom: 1px solid var(--line); font-weight: 400; text-align: left; }
td, thead th { text-align: right; padding-left: 16px; white-space: nowrap; }
.met { color: var(--good); }
.unmet { color: var(--bad); }
thead th { color: var(--faint); font-size: 13px; }
@media (max-width: 600px) {
  main { padding: 24px 12px; }
  .tick, .group, text.mark { font-size: 17px; }
  table { font-size: 13px; }
  td, thead th { padding-left: 8px; }
}
footer { margin-top: 16px; color: var(--faint); font-size: 13px; }
code { font: 13px ui-monospace, monospace; color: var(--soft); overflow-wrap: anywhere; }
`;
