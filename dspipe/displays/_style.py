"""The style sheet of all displays: colours and fonts of the page around them, and nothing beyond.

JupyterLab and VS Code give their themes as variables (``--jp-*``, ``--vscode-*``); elsewhere text
and lines are made of the page's own text colour, so that light and dark need not be told apart.
Only badges have colours of their own, on both sides, so that they can be read on any page.
"""

# The class is named thrice so that rules win over those that JupyterLab has for all tables.
_SCOPE = ".dspipe.dspipe.dspipe"

_RULES = """
& { --ds-line: var(--vscode-contrastBorder, color-mix(in srgb, currentColor 20%, transparent));
  --ds-surface: color-mix(in srgb, currentColor 6%, transparent);
  --ds-accent: var(--jp-brand-color1, var(--vscode-charts-blue, #3a7bd5));
  --ds-mono: var(--jp-code-font-family, var(--vscode-editor-font-family, ui-monospace, monospace));
  font: 13px/1.5 var(--jp-ui-font-family, var(--vscode-font-family, system-ui, sans-serif));
  color: var(--jp-content-font-color1, var(--vscode-editor-foreground, inherit));
  max-width: 76rem; padding: .1rem 0 .4rem; }
& *, & *::before { box-sizing: border-box; }
& h3, & h4 { color: inherit; font-weight: 650; font-style: normal; line-height: 1.35;
  letter-spacing: normal; }
& h3 { font-size: 1.2em; margin: .2rem 0 .5rem; padding: 0; }
& h4 { font-size: 1em; margin: 1.1rem 0 .35rem; }
& p { margin: 0 0 .5rem; max-width: 60rem; overflow-wrap: anywhere; }
& .muted { color: color-mix(in srgb, currentColor 78%, transparent); font-weight: 400; }
& h3 .muted { font-size: .85em; margin-left: .6rem; }
& h3 .badge { margin-left: .6rem; vertical-align: .1em; }
& .badge { display: inline-block; padding: .05rem .5rem; border-radius: 4px; font-size: 12px;
  font-weight: 600; line-height: 1.5; white-space: nowrap; color: #fff; background: #57606a;
  border: 1px solid var(--vscode-contrastBorder, transparent); }
& .badge.good { background: #1a7336; }
& .badge.part { background: #0b5cad; }
& .badge.warn { background: #8a5a00; }
& .badge.bad { background: #b42318; }
& .row { display: flex; flex-wrap: wrap; gap: 0 2.5rem; }
& .row > div { min-width: 0; max-width: 100%; }
& .line { display: flex; flex-wrap: wrap; gap: .5rem; align-items: stretch; }
& .box { border: 1px solid var(--ds-line); border-radius: 6px; padding: .5rem .8rem;
  min-width: 7rem; max-width: 100%; }
& .box h4 { margin-top: 0; }
& .box b { display: block; font-size: 1.25em; font-variant-numeric: tabular-nums; }
& .arrow { align-self: center; }
& .bar { height: 4px; border-radius: 2px; background: var(--ds-accent); margin-top: .35rem;
  min-width: 2px; }
& .scroll { overflow-x: auto; max-width: 100%; }
& table { border-collapse: collapse; border: 0; font-size: 1em; margin: 0; color: inherit;
  table-layout: auto; font-variant-numeric: tabular-nums; width: auto; }
& tr, & tbody tr:nth-child(n) { background: none; }
& th, & td { padding: .25rem .6rem; text-align: right; vertical-align: top; white-space: nowrap;
  line-height: 1.45; background: none; color: inherit; border: 0; max-width: none;
  border-bottom: 1px solid var(--ds-line); }
& th { font-weight: 600; }
& th:first-child, & td:first-child { padding-left: 0; }
& .text { text-align: left; }
& .prose { text-align: left; white-space: pre-line; overflow-wrap: anywhere; min-width: 14rem; }
& .prose > div + div { margin-top: .3rem; }
& td.null { font-style: italic; color: color-mix(in srgb, currentColor 78%, transparent); }
& code { font: 12px/1.5 var(--ds-mono); background: none; color: inherit; padding: 0; border: 0;
  overflow-wrap: anywhere; white-space: pre-wrap; }
& .share { display: inline-block; vertical-align: middle; width: 3rem; height: 8px;
  margin-right: .6rem; text-align: left; border-radius: 2px; background: var(--ds-surface); }
& .share i { display: block; height: 100%; border-radius: 2px; background: var(--ds-accent); }
& .wide .share { width: 12rem; }
& rect { fill: var(--ds-accent); }
& svg { display: block; max-width: 100%; height: auto; overflow: visible; }
& dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1rem;
  margin: 0; }
& dt, & dd { float: none; width: auto; margin: 0; padding: 0; font-weight: 400; }
& dt { color: color-mix(in srgb, currentColor 78%, transparent); }
& dd { overflow-wrap: anywhere; white-space: pre-wrap; }
& ul { margin: 0; padding-left: 1.2rem; } & li { margin: .1rem 0; overflow-wrap: anywhere; }
& pre { margin: .3rem 0 .6rem; padding: .6rem .8rem; overflow-x: auto; border-radius: 6px;
  background: var(--ds-surface); color: inherit; font: 12px/1.5 var(--ds-mono); border: 0;
  white-space: pre; }
& del, & ins { text-decoration: none; }
& details { margin: .8rem 0 0; } & summary { cursor: pointer; font-weight: 600; }
& details > :not(summary) { margin-top: .4rem; }
"""

STYLE = _RULES.replace("&", _SCOPE)
