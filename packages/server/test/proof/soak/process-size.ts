import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** What a process takes at one moment. */
export interface ProcessSize {
  /** Bytes of memory that are resident. */
  readonly resident: number;
  /** Open files and sockets. */
  readonly files: number;
}

/** Why the size of another process cannot be read here; null where it can. */
export function cannotReadSizes(): string | null {
  return existsSync('/proc/self/fd') ? null : 'there is no /proc to read the size of a process from';
}

export function sizeOf(pid: number): ProcessSize {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { resident: Number(kibibytes) * 1_024, files: readdirSync(`/proc/${pid}/fd`).length };
}
