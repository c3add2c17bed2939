/** Of the statistics panel; loaded with it. The rules of uPlot are the few of its style sheet we need. */
export const STATS_CSS = `
:host {
  --peers: var(--livemesh-peers, #16a871);
  --seeder: var(--livemesh-seeder, #3f8ef0);
  --origin: var(--livemesh-origin, #e8a317);
  --latency: var(--accent);
  --buffer: var(--seeder);
}
.stats {
  top: 12px; right: 12px; width: 340px; max-width: calc(100% - 24px);
  max-height: calc(100% - 76px); padding: 10px 14px; font-size: 12.5px;
  font-variant-numeric: tabular-nums;
}
.stats header { display: flex; align-items: center; justify-content: space-between; gap: 8px; }
.stats h2 { margin: 0; font-size: 14px; font-weight: 650; }
.stats .close { width: 32px; height: 32px; margin-right: -8px; border-radius: 8px; font-size: 20px;
  line-height: 1; color: var(--quiet); }
.stats .close:hover { background: rgb(128 136 152 / .16); }
.bar { display: flex; height: 8px; margin-top: 4px; border-radius: 4px; overflow: hidden;
  background: var(--line); }
.bar i { display: block; width: calc(100% * var(--share, 0)); }
[data-kind="peers"] { --color: var(--peers); }
[data-kind="seeder"] { --color: var(--seeder); }
[data-kind="origin"] { --color: var(--origin); }
[data-kind="latency"] { --color: var(--latency); }
[data-kind="buffer"] { --color: var(--buffer); }
.stats i { flex: none; background: var(--color); }
.legend { display: flex; flex-wrap: wrap; gap: 2px 14px; margin: 7px 0 2px; padding: 0;
  list-style: none; }
.legend li { display: flex; align-items: center; gap: 6px; }
.legend i, .chart i, .neighbors i { width: 8px; height: 8px; border-radius: 2px; }
.chart { margin-top: 8px; }
.chart p { display: flex; align-items: center; gap: 6px; margin: 0; color: var(--quiet);
  font-size: 11.5px; }
.chart p i:not(:first-child) { margin-left: 8px; }
.uplot { position: relative; }
.u-wrap { position: relative; user-select: none; }
.u-over, .u-under { position: absolute; }
.uplot canvas { display: block; position: relative; width: 100%; height: 100%; }
.u-axis { position: absolute; }
.neighbors { display: grid; grid-template-columns: 8px 1fr repeat(3, auto); column-gap: 8px;
  margin: 8px 0 0; padding: 0; list-style: none; }
.neighbors li { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid;
  align-items: center; padding: 1px 0; }
.neighbors span:nth-of-type(n + 2) { text-align: right; color: var(--quiet); }
.connection { margin: 6px 0 0; }
.connection:empty { display: none; }
.stats dl { display: grid; grid-template-columns: auto 1fr; gap: 1px 14px; margin: 8px 0 0;
  padding-top: 7px; border-top: 1px solid var(--line); }
.stats dt { color: var(--quiet); }
.stats dd { margin: 0; text-align: right; }
@container (max-width: 620px) {
  .stats { inset: 0; width: auto; max-width: none; max-height: none; border-radius: 0; z-index: 3; }
}
`;
