import { AppError } from './app-error.ts';
import { withTimeout } from './with-timeout.ts';

/** Milliseconds, so that a probe is answered within a second. */
const WAIT_MS_MAX = 800;

export interface ProbeNeeds {
  /** Tries an ability of the service; rejects when it fails. */
  readonly check: () => Promise<void>;
  /** The message of the error of a failed probe. */
  readonly message: string;
  readonly onFailure: (error: unknown) => void;
  readonly onRecovery: () => void;
}

/** A health check of one ability of the service. Concurrent probes share one check. */
export class Probe {
  readonly #needs: ProbeNeeds;
  #running: Promise<void> | null = null;
  #hasFailed = false;

  constructor(needs: ProbeNeeds) {
    this.#needs = needs;
  }

  /** Throws UNAVAILABLE when the check fails or takes too long. Only the first failure and the recovery are reported. */
  async pass(): Promise<void> {
    const { message, onFailure, onRecovery } = this.#needs;
    try {
      await withTimeout(this.#run(), WAIT_MS_MAX);
    } catch (error) {
      if (!this.#hasFailed) onFailure(error);
      this.#hasFailed = true;
      throw new AppError('UNAVAILABLE', { message });
    }
    if (this.#hasFailed) onRecovery();
    this.#hasFailed = false;
  }

  #run(): Promise<void> {
    this.#running ??= this.#needs.check().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }
}
