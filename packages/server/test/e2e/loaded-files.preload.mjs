/** When the process exits, writes the addresses of all files that it has loaded to LOADED_FILES, as JSON. */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';

process.on('exit', () => {
  /** @type {string[]} */
  const urls = [];
  const session = new Session();
  session.connect();
  session.on('Debugger.scriptParsed', ({ params }) => urls.push(params.url));
  session.post('Debugger.enable');
  writeFileSync(process.env.LOADED_FILES ?? '', JSON.stringify(urls));
});
