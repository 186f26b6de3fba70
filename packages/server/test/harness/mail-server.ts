import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from 'vitest';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came over the wire. */
  readonly raw: string;
  /** Unfolded and decoded. */
  readonly headers: readonly string[];
  readonly text: string;
  readonly html: string;
}

export interface MailServer {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** The credentials that clients have logged in with. */
  readonly logins: readonly string[];
}

/** A mail server on a port of this machine, which closes with the test. */
export async function startMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  const logins: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, callback) {
      logins.push(`${username}:${password}`);
      callback(password === 'wrong' ? new Error('no') : null, { user: username });
    },
    async onData(stream, { envelope }, callback) {
      const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
      mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), ...read(await text(stream)) });
      callback();
    },
    ...options,
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  return { port: (server.server.address() as AddressInfo).port, mails, logins };
}

/** Accepts connections and never sends anything. */
export async function startSilentServer(): Promise<{ readonly port: number; readonly sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, sockets };
}

/** A message of two alternatives, as RFC 2045 and RFC 2046 have it. */
function read(raw: string): Pick<ReceivedMail, 'raw' | 'headers' | 'text' | 'html'> {
  const [head, body] = split(raw);
  const [, boundary = ''] = /boundary="([^"]+)"/.exec(head) ?? [];
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => split(part.trimStart()));
  const partOf = (type: string): string => {
    const [partHead = '', content = ''] = parts.find(([one]) => one.includes(`Content-Type: ${type}`)) ?? [];
    return decode(partHead, content);
  };
  return {
    raw,
    headers: head
      .replaceAll(/\r\n[ \t]+/g, ' ')
      .split('\r\n')
      .map(decodeWords),
    text: partOf('text/plain').trimEnd(),
    html: partOf('text/html').trimEnd(),
  };
}

function split(entity: string): [head: string, body: string] {
  const end = entity.indexOf('\r\n\r\n');
  return [entity.slice(0, end), entity.slice(end + 4)];
}

function decode(head: string, content: string): string {
  if (/encoding: base64/i.test(head)) return Buffer.from(content, 'base64').toString('utf8');
  if (!/encoding: quoted-printable/i.test(head)) return content.replaceAll('\r\n', '\n');
  return fromHex(content.replaceAll(/=\r\n/g, '').replaceAll('\r\n', '\n'));
}

/** The encoded words of RFC 2047. */
function decodeWords(line: string): string {
  return line
    .replaceAll('?= =?UTF-8?Q?', '')
    .replaceAll(/=\?UTF-8\?Q\?(.*?)\?=/g, (_, word: string) => fromHex(word.replaceAll('_', ' ')))
    .replaceAll(/=\?UTF-8\?B\?(.*?)\?=/g, (_, word: string) => Buffer.from(word, 'base64').toString('utf8'));
}

function fromHex(text: string): string {
  const bytes = text.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
