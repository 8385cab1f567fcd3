/** A zombie does not write: how long what we own is surely ours, against how long a write may take. */
import { RetryableError } from "./failures.ts";

/** What decides whether a write may start. */
export interface Lease {
  readonly storeTimeoutMs: number;
  /** How much longer nobody else can own our partitions. */
  readonly leaseRemainingMs: () => number;
}

/** @throws {RetryableError} unless nobody else can own the partitions before a write that starts now has ended */
export function assertLeased({ storeTimeoutMs, leaseRemainingMs }: Lease): void {
  if (leaseRemainingMs() <= storeTimeoutMs) {
    throw new RetryableError("Cannot write: the group's heartbeat is too old to be sure that the partitions are ours");
  }
}
