import { connect, type Socket } from 'node:net';
import { parseAnswers, type RawAnswer } from './raw-http.ts';

/** A keep-alive connection to a service on this machine, for one request after another. */
export class KeptConnection {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #waiting: Waiting | null = null;

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on('error', (error) => this.#waiting?.reject(error));
    this.#socket.on('close', () => this.#waiting?.reject(new Error('The connection was closed')));
  }

  /** Sends the bytes of one request. No other request may be pending. */
  ask(bytes: Buffer): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(bytes);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    const [answer] = parseAnswers(this.#received);
    if (!answer) return;
    this.#received = Buffer.alloc(0);
    this.#waiting?.resolve(answer);
    this.#waiting = null;
  }
}

interface Waiting {
  resolve(answer: RawAnswer): void;
  reject(error: Error): void;
}
