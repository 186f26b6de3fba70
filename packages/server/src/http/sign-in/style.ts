export const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); --accent: #2257b0; }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; grid-template-columns: minmax(0, 1fr); place-items: center; padding: 1rem; font: 17px/1.55 system-ui, sans-serif; }
main { width: min(26rem, 100%); border: 1px solid var(--line); border-radius: 14px; padding: 1.5rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 0.75rem; font-size: 1.5rem; }
pre { border: 1px solid var(--line); border-radius: 8px; padding: 0.75rem; white-space: pre-wrap; font: 0.9rem/1.5 ui-monospace, monospace; }
code { font: inherit; }
dt { font-size: 0.85rem; opacity: 0.75; }
dd { margin: 0 0 0.5rem; }
input, select { width: 100%; min-height: 3rem; margin: 0 0 0.75rem; padding: 0 0.75rem; border: 1px solid var(--line); border-radius: 8px; background: transparent; color: inherit; font: inherit; }
button, .button { display: block; text-align: center; text-decoration: none; line-height: 3rem; width: 100%; min-height: 3rem; border: 0; border-radius: 8px; background: var(--accent); color: #fff; font: inherit; font-weight: 600; }
button:disabled { opacity: 0.6; }
button:focus-visible, .button:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
[role='alert'] { border-left: 4px solid #c0392b; padding-left: 0.75rem; }
[hidden] { display: none; }
`;
