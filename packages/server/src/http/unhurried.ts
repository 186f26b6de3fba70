import type { ServerResponse } from 'node:http';

/** Answers between two rests: a flood gets some 3,500 a second, which is a sixth of the processor. */
const AT_A_TIME = 4;
const REST_MS = 1;
/** Answers that wait, some 10 kB each: a third of a second's worth. */
const WAITING_MAX = 1_024;

interface Waiting {
  readonly response: ServerResponse;
  readonly answer: () => void;
}

/**
 * Answers that nobody is in a hurry for, such as to keys that do not exist. One that comes alone waits for nothing; of many
 * a few go out at a time, with rests in between in which all others are answered. Whoever waits for an answer sends nothing
 * meanwhile, so that a flood is as slow as that. Where too many wait, the connection of one more is cut: an answer would
 * cost what the wait is there to save.
 */
export class UnhurriedAnswers {
  #waiting: Waiting[] = [];
  #isResting = false;

  add(response: ServerResponse, answer: () => void): void {
    if (this.#waiting.length >= WAITING_MAX) response.req.socket.destroy();
    else if (this.#waiting.push({ response, answer }) === 1 && !this.#isResting)
      setImmediate(() => this.#answerSome());
  }

  #answerSome(): void {
    for (const { response, answer } of this.#waiting.splice(0, AT_A_TIME))
      if (!response.req.socket.destroyed) answer();
    this.#isResting = true;
    setTimeout(() => {
      this.#isResting = false;
      if (this.#waiting.length > 0) this.#answerSome();
    }, REST_MS);
  }
}
