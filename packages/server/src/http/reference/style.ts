export const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 15%, transparent); --soft: color-mix(in srgb, currentColor 5%, transparent); --accent: #2f6fde; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 4rem; font: 16px/1.55 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.9rem; }
h2 { margin: 2.5rem 0 0.5rem; border-bottom: 1px solid var(--line); padding-bottom: 0.25rem; }
h3 { margin: 0; font-size: 1.05rem; overflow-wrap: anywhere; }
a { color: var(--accent); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
code { font: 0.9em ui-monospace, monospace; background: var(--soft); padding: 0.1em 0.3em; border-radius: 4px; overflow-wrap: anywhere; }
pre { overflow-x: auto; background: var(--soft); padding: 0.75rem; border-radius: 8px; }
pre code { background: none; padding: 0; overflow-wrap: normal; }
nav ul { columns: 20rem; padding-left: 0; list-style: none; }
nav li { break-inside: avoid; padding: 0.15rem 0; }
article { border: 1px solid var(--line); border-radius: 10px; padding: 1rem; margin: 1rem 0; }
.method { display: inline-block; min-width: 4.8em; margin-right: 0.5em; border-radius: 5px; padding: 0 0.4em; font: 700 0.8em/1.8 ui-monospace, monospace; text-align: center; color: #fff; background: #55606e; }
.GET { background: #1f6f50; } .POST { background: #2257b0; } .PUT, .PATCH { background: #8a5a00; } .DELETE { background: #a8323a; }
.scroll { overflow-x: auto; }
td code { white-space: nowrap; }
table { border-collapse: collapse; width: 100%; font-size: 0.94rem; }
th, td { border-bottom: 1px solid var(--line); padding: 0.35rem 0.75rem 0.35rem 0; text-align: left; vertical-align: top; }
h4 { margin: 1rem 0 0.25rem; }
.required { color: #c0392b; font-size: 0.8em; }
details summary { cursor: pointer; }
`;
