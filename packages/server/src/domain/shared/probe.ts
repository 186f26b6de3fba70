import { AppError } from './app-error.ts';
import { inTime } from './in-time.ts';

/** Milliseconds, so that the answer to a probe is out within a second. */
const WAIT_MS_MAX = 800;

export interface ProbeNeeds {
  /** Does what the service has to be able to do; rejects where it cannot. */
  readonly check: () => Promise<void>;
  /** What the caller of a failed probe is told. */
  readonly message: string;
  readonly onFailure: (error: unknown) => void;
  readonly onRecovery: () => void;
}

/** Checks one ability of the service. Probes that come while a check runs share it. */
export class Probe {
  readonly #needs: ProbeNeeds;
  #running: Promise<void> | null = null;
  #hasFailed = false;

  constructor(needs: ProbeNeeds) {
    this.#needs = needs;
  }

  /** UNAVAILABLE where the check fails or takes too long. Only the first failure and the recovery are reported. */
  async pass(): Promise<void> {
    const { message, onFailure, onRecovery } = this.#needs;
    try {
      await inTime(this.#run(), WAIT_MS_MAX);
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
