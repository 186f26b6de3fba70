import { setTimeout as pause } from 'node:timers/promises';
import type {
  Confirmation,
  Instance,
  InstanceHealth,
  InstanceState,
  Instances,
} from '../domain/host/instances.ts';
import type { Clock } from '../domain/shared/clock.ts';
import { newId } from '../domain/shared/id.ts';
import { withTimeout } from '../domain/shared/with-timeout.ts';
import type { PeerTable } from './engines/engine.ts';

/** Milliseconds between two heartbeats. */
const HEARTBEAT_MS = 5_000;
/** An instance counts as live until this long after the end of a lease that began with its last heartbeat. */
const GRACE_MS = 3 * HEARTBEAT_MS;
/** Milliseconds in which the list must be read. */
const READ_MS_MAX = 1_000;

/** Milliseconds that a caller waits for the confirmations of all instances. */
const CONFIRM_MS_MAX = 5_000;
/** Milliseconds between two reads of confirmations: at first, and once every receipt waits for longer than a poll takes. */
const READ_MS = 20;
const READ_SLOW_MS = 100;
const SLOW_AFTER_MS = 300;
/** The maximum number of callers that wait. A further one is not made to wait, to bound the memory. */
const WAITING_MAX = 1_000;

/** The instances as this one takes part in them. */
export interface JoinedInstances extends Instances {
  readonly id: string;
  /**
   * Writes the first heartbeat, so that others wait for this instance before it caches anything. Rejects if that fails. Then
   * writes heartbeats until the signal is aborted.
   */
  start(signal: AbortSignal): Promise<void>;
  /** Leaves the list. Never rejects: without heartbeats, the instance is not listed for long. */
  stop(): Promise<void>;
}

/** The only instance over its database. */
export function loneInstance(
  instance: Instance,
  health: () => InstanceHealth,
  clock: Clock,
): JoinedInstances {
  return {
    id: instance.id,
    start: async () => {},
    stop: async () => {},
    count: 1,
    list: async () => [{ ...instance, ...health(), heartbeatAt: clock.now() }],
    // Caches are invalidated before a change is acknowledged.
    confirmAll: async () => [{ id: instance.id, confirmedAt: clock.now() }],
  };
}

export interface SharedInstancesNeeds {
  readonly instance: Instance;
  readonly peers: PeerTable;
  readonly health: () => InstanceHealth;
  readonly leaseMs: number;
  /** Called with the first of several failures to write heartbeats, and with null after them. */
  readonly report: (error: unknown) => void;
}

interface Receipt {
  readonly id: string;
  readonly askedAt: number;
  readonly confirmed: (confirmations: readonly Confirmation[]) => void;
}

/** The instances over a database that several use. Each writes a heartbeat every five seconds. */
export class SharedInstances implements JoinedInstances {
  readonly #needs: SharedInstancesNeeds;
  #known: readonly InstanceState[] = [];
  #beating: Promise<void> = Promise.resolve();
  #waiting = 0;
  /** The receipt that the next callers share: it is not asked for yet. */
  #next: Promise<readonly Confirmation[]> | null = null;
  #asking: Promise<unknown> = Promise.resolve();
  /** The receipts that callers wait for, by id. */
  readonly #receipts = new Map<string, Receipt>();

  constructor(needs: SharedInstancesNeeds) {
    this.#needs = needs;
  }

  get id(): string {
    return this.#needs.instance.id;
  }

  get count(): number {
    return Math.max(1, this.#known.length);
  }

  async list(): Promise<readonly InstanceState[]> {
    return withTimeout(this.#read(), READ_MS_MAX).catch(() => this.#known);
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.beat();
    this.#beating = this.#repeat(signal);
  }

  async stop(): Promise<void> {
    const { peers, instance } = this.#needs;
    await this.#beating;
    await peers.remove(instance.id).catch(() => {});
  }

  /** Writes a heartbeat, and reads all live instances. */
  async beat(): Promise<void> {
    const { peers, instance, health, leaseMs } = this.#needs;
    await peers.beat({ ...instance, ...health() }, leaseMs + GRACE_MS);
    await this.#read();
  }

  /** Confirms that this instance has dropped what the receipts ask for. A failure is ignored: the caller sees that it is missing. */
  confirm(receipts: readonly string[]): void {
    const { peers, instance } = this.#needs;
    peers.confirm(receipts, instance.id).catch(() => {});
  }

  async confirmAll(): Promise<readonly Confirmation[]> {
    if (this.#waiting >= WAITING_MAX) return this.#unconfirmed();
    this.#waiting++;
    try {
      this.#next ??= this.#askNext();
      return await this.#next;
    } finally {
      this.#waiting--;
    }
  }

  async #read(): Promise<readonly InstanceState[]> {
    this.#known = await this.#needs.peers.live();
    return this.#known;
  }

  async #repeat(signal: AbortSignal): Promise<void> {
    let isFailing = false;
    while (!signal.aborted) {
      await pause(HEARTBEAT_MS, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      const error = await this.beat().then(
        () => null,
        (error: unknown) => error,
      );
      if (isFailing !== (error !== null)) this.#needs.report(error);
      isFailing = error !== null;
    }
  }

  /** All who call while a receipt is being asked for share the one after it. */
  async #askNext(): Promise<readonly Confirmation[]> {
    await this.#asking;
    this.#next = null;
    const id = newId('rcpt');
    const asking = this.#needs.peers.askFor(id);
    this.#asking = asking.catch(() => {});
    // The change is committed, and has not failed because the receipt has.
    return asking.then(() => this.#confirmations(id)).catch(() => this.#unconfirmed());
  }

  #confirmations(id: string): Promise<readonly Confirmation[]> {
    return new Promise((confirmed) => {
      this.#receipts.set(id, { id, askedAt: performance.now(), confirmed });
      if (this.#receipts.size === 1) void this.#readConfirmations();
    });
  }

  /** Reads the confirmations of all receipts in one statement, until none is waited for. */
  async #readConfirmations(): Promise<void> {
    while (this.#receipts.size > 0) {
      const since = performance.now() - SLOW_AFTER_MS;
      const isSlow = [...this.#receipts.values()].every(({ askedAt }) => askedAt < since);
      await pause(isSlow ? READ_SLOW_MS : READ_MS);
      const found = await this.#needs.peers.confirmations([...this.#receipts.keys()]).catch(() => null);
      for (const receipt of this.#receipts.values()) this.#settle(receipt, found?.get(receipt.id));
    }
  }

  #settle({ id, askedAt, confirmed }: Receipt, found: readonly Confirmation[] | undefined): void {
    const isConfirmed = found?.every(({ confirmedAt }) => confirmedAt !== null) ?? false;
    if (!isConfirmed && performance.now() - askedAt < CONFIRM_MS_MAX) return;
    this.#receipts.delete(id);
    confirmed(found ?? this.#unconfirmed());
  }

  #unconfirmed(): Confirmation[] {
    return this.#known.map(({ id }) => ({ id, confirmedAt: null }));
  }
}
