/** The style of the small pages: one card, in the colours of the system's light or dark mode. */
export const STYLE = `
:root { color-scheme: light dark; --page: #f3f5f8; --card: #fff; --text: #1b2430; --muted: #566070; --edge: #d9dee6; --field: #7d8796; --accent: #2257b0; --on-accent: #fff; --problem: #b3261e; --done: #1a6b43; }
@media (prefers-color-scheme: dark) {
  :root { --page: #0f1317; --card: #191f26; --text: #e8ecf1; --muted: #a6b0bd; --edge: #303945; --field: #76818f; --accent: #8ab8ff; --on-accent: #0c1a2e; --problem: #ff9c9c; --done: #7fd6a6; }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; padding: clamp(1rem, 5vh, 5rem) 1rem 2rem; background: var(--page); color: var(--text); font: 1.0625rem/1.5 system-ui, sans-serif; }
header, main { width: min(27rem, 100%); margin: 0 auto; }
header { display: flex; align-items: center; gap: 0.5rem; margin-bottom: 0.875rem; padding: 0 0.25rem; font-weight: 650; }
header svg { width: 1.5rem; height: 1.5rem; color: var(--accent); }
main { padding: clamp(1.25rem, 5vw, 1.75rem); border: 1px solid var(--edge); border-radius: 14px; background: var(--card); overflow-wrap: anywhere; }
h1 { margin: 0 0 0.75rem; font-size: 1.5rem; line-height: 1.25; }
h1:focus { outline: none; }
p, dl, pre, details { margin: 0 0 1rem; }
form { margin: 0; }
:is(main, section, form, .way) > :last-child { margin-bottom: 0; }
.way + .way { margin-top: 1.5rem; padding-top: 1.5rem; border-top: 1px solid var(--edge); }
.muted, dt, label small { color: var(--muted); }
small, dt { font-size: 0.875rem; }
dd { margin: 0 0 0.5rem; }
code, #user, #workspace { font: 0.9375rem/1.5 ui-monospace, monospace; }
pre { padding: 0.75rem; border: 1px solid var(--edge); border-radius: 8px; background: var(--page); white-space: pre-wrap; }
label { display: block; margin: 0 0 1rem; font-weight: 600; }
input, select { display: block; width: 100%; min-height: 3rem; margin-top: 0.25rem; padding: 0 0.75rem; border: 1px solid var(--field); border-radius: 8px; background: var(--card); color: inherit; font: inherit; font-weight: 400; }
::placeholder { color: var(--muted); opacity: 1; }
button, .button { display: flex; align-items: center; justify-content: center; width: 100%; min-height: 3rem; margin: 0 0 0.75rem; padding: 0.5rem 1rem; border: 1px solid var(--accent); border-radius: 8px; background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; }
.second, .way + .way :is(button, .button) { background: transparent; color: var(--accent); }
button:disabled { opacity: 0.6; cursor: progress; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
summary { padding: 0.625rem 0; color: var(--accent); font-weight: 600; cursor: pointer; }
ul { margin: 0; padding-left: 1.25rem; }
[role='alert'], [role='status'] { padding-left: 0.75rem; border-left: 4px solid var(--done); }
[role='alert'] { border-color: var(--problem); }
[role='status']:empty { margin: 0; border: 0; }
`;
