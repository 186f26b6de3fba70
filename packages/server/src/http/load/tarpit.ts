import type { ServerResponse } from 'node:http';

/** Answers per batch: a flood gets about 3,500 answers per second, which takes a sixth of the processor. */
const BATCH_SIZE = 4;
const REST_MS = 1;
/** Answers that may wait, about 10 kB each: they take a third of a second to send. */
const WAITING_MAX = 1_024;

interface Waiting {
  readonly response: ServerResponse;
  readonly answer: () => void;
}

/**
 * A tarpit for low-priority answers, such as denials of unknown keys. A single answer is sent at once. Many answers are sent
 * in batches of four, a millisecond apart, so that other requests are answered in between. A client that waits for an
 * answer usually sends nothing else, which slows a flood down. If 1,024 answers wait, the connection of a further one is
 * closed, since answering it would cost the time that the tarpit saves.
 */
export class Tarpit {
  #waiting: Waiting[] = [];
  #isResting = false;

  add(response: ServerResponse, answer: () => void): void {
    if (this.#waiting.length >= WAITING_MAX) response.req.socket.destroy();
    else if (this.#waiting.push({ response, answer }) === 1 && !this.#isResting)
      setImmediate(() => this.#answerSome());
  }

  #answerSome(): void {
    for (const { response, answer } of this.#waiting.splice(0, BATCH_SIZE))
      if (!response.req.socket.destroyed) answer();
    this.#isResting = true;
    setTimeout(() => {
      this.#isResting = false;
      if (this.#waiting.length > 0) this.#answerSome();
    }, REST_MS);
  }
}
