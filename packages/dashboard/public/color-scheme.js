// Runs before the first paint, so that the page never changes its colours while it loads.
{
  const chosen = localStorage.getItem('latchkey-color-scheme');
  const preferred = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  const scheme = chosen === 'light' || chosen === 'dark' ? chosen : preferred;
  document.documentElement.setAttribute('data-mantine-color-scheme', scheme);
}
