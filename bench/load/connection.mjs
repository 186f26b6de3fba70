/** An HTTP/1.1 keep-alive connection with at most one pending request (no pipelining). */
import { connect } from 'node:net';

const HEAD_END = '\r\n\r\n';

export class Connection {
  #socket;
  /** @type {Buffer | null} */
  #received = null;
  /** @type {((status: number, body: Buffer) => void) | null} */
  #onAnswer = null;
  #host;
  #port;
  #onFailure;

  /** @param {string} host @param {number} port @param {(error: Error) => void} onFailure */
  constructor(host, port, onFailure) {
    this.#host = host;
    this.#port = port;
    this.#onFailure = onFailure;
    this.#socket = this.#connect();
  }

  /** @param {string} request @param {(status: number, body: Buffer) => void} onAnswer */
  send(request, onAnswer) {
    this.#onAnswer = onAnswer;
    if (this.#socket.destroyed) this.#socket = this.#connect();
    this.#socket.write(request, 'latin1');
  }

  #connect() {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', this.#onFailure);
    // A server may close an idle connection: the next request opens a new one.
    socket.on('close', () => {
      if (this.#onAnswer)
        this.#onFailure(new Error('The server closed a connection while a request was pending'));
    });
    return socket;
  }

  /** @param {Buffer} chunk */
  #take(chunk) {
    const bytes = this.#received ? Buffer.concat([this.#received, chunk]) : chunk;
    const headEnd = bytes.indexOf(HEAD_END);
    const length = headEnd < 0 ? undefined : contentLength(bytes.toString('latin1', 0, headEnd));
    const bodyStart = headEnd + HEAD_END.length;
    if (length === undefined || bytes.length < bodyStart + length) {
      this.#received = bytes;
      return;
    }
    this.#received = null;
    const answer = this.#onAnswer;
    this.#onAnswer = null;
    answer?.(statusOf(bytes), bytes.subarray(bodyStart, bodyStart + length));
  }
}

/** @param {Buffer} bytes of an answer that begins `HTTP/1.1 200` */
function statusOf(bytes) {
  return Number(bytes.toString('latin1', 9, 12));
}

/** @param {string} head @returns {number} 0 where the answer says nothing of a body */
function contentLength(head) {
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? [];
  if (length === undefined && /\r\ntransfer-encoding:/i.test(head))
    throw new Error('This client cannot read chunked responses');
  return Number(length ?? 0);
}
