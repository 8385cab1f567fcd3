/**
 * Membership in a consumer group: the classic protocol, eager (everybody gives up everything when the group changes).
 *
 * I1. Between `assigned` and the end of `revoked` or the call of `lost` we hold a place; commits name it, and only then
 *     is there a lease.
 * I2. The owner has let go, or its time is over, before the group hears from us that it may form anew: heartbeats go
 *     on until then, and commits of the old generation are accepted.
 * I3. A lease is counted from when an acknowledged heartbeat was sent, so it ends here before it ends at the broker.
 *
 * I4. What is found out about the categories goes to everybody with the next joining, which a new finding brings about.
 *
 * The library's own consumer rejoins in the same turn in which it reports a rebalance, which leaves no time for I2.
 */
import { ProtocolError, ResponseError } from "@platformatic/kafka";
import { type Clock, sleep } from "../clock.ts";
import { FencedError, RetryableError } from "../stream/failures.ts";
import type { Assignment, CategoryReport, Member } from "../stream/source.ts";
import type { Cluster } from "./cluster.ts";
import type { Committer } from "./commits.ts";
import type { GroupCalls, Joined, MemberTimes } from "./group_calls.ts";
import { codesOf, KafkaCode, portError } from "./kafka_failure.ts";

/** What a group works with. */
export interface GroupParts {
  readonly cluster: Cluster;
  readonly calls: GroupCalls;
  readonly clock: Clock;
  readonly times: MemberTimes & { readonly heartbeatMs: number };
}

type Place =
  | { readonly phase: "out" }
  | { readonly phase: "in"; readonly joined: Joined; readonly partitionCount: number; readonly aliveAtMs: number };

/** How a stay in the group ended. */
type End =
  | { readonly kind: "rebalance" }
  | { readonly kind: "lost"; readonly reason: string }
  /** Another process took our static name: to join again would take it back, and so on for ever. */
  | { readonly kind: "replaced"; readonly reason: string }
  | { readonly kind: "left" };

const OUT: Place = { phase: "out" };
/** How often the member that shares out looks for new partitions: they are read before lateness is over by default. */
const LOOK_EVERY_MS = 10_000;
const JOIN_ATTEMPTS = 20;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MOST_MS = 5_000;

/** One member of a group. */
export class Group {
  readonly #cluster: Cluster;
  readonly #calls: GroupCalls;
  readonly #clock: Clock;
  readonly #times: GroupParts["times"];
  #place: Place = OUT;
  #memberId = "";
  /** What everybody has to know. */
  #report: CategoryReport | undefined;
  /** Whether it is news, and how to end the wait for the next heartbeat then. */
  #news: { isDue: boolean; readonly wake: AbortController } = noNews();
  #membership: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;

  constructor({ cluster, calls, clock, times }: GroupParts) {
    this.#cluster = cluster;
    this.#calls = calls;
    this.#clock = clock;
    this.#times = times;
  }

  /** Joins; resolves after the first assignment. @throws {ConfigError | RetryableError | FencedError} */
  async join(member: Member): Promise<void> {
    if (this.#membership !== undefined) throw new TypeError("Cannot join group: this member has joined already");
    const stop = new AbortController();
    const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
    ended.catch(() => {}); // Reported by leave(), which awaits it.
    this.#membership = { stop, ended };
    try {
      member.assigned(await this.#enter());
    } catch (error) {
      this.#membership = undefined;
      this.#place = OUT;
      resolve();
      throw error;
    }
    this.#stayOn(member, stop.signal).then(resolve, reject);
  }

  /** Leaves if joined. @throws {RetryableError} when the coordinator cannot be told; it then finds out by itself. */
  async leave(): Promise<void> {
    const memberId = this.#memberId;
    await this.stop();
    this.#memberId = "";
    if (memberId === "") return;
    try {
      await this.#calls.leave(memberId);
    } catch (error) {
      const failure = this.#portError(error, "leave");
      if (!(failure instanceof FencedError)) throw failure; // Fenced: we were out already.
    }
  }

  /** Stops without a word to the group, as a crash would. */
  async stop(): Promise<void> {
    const membership = this.#membership;
    this.#membership = undefined;
    this.#place = OUT;
    if (membership === undefined) return;
    membership.stop.abort();
    await this.#cluster.dropJoins();
    await membership.ended;
  }

  /** Lets the group form anew with this report, unless everybody knows it. */
  report(report: CategoryReport): void {
    if (report.kind === this.#report?.kind || this.#place.phase === "out") return;
    this.#report = report;
    this.#news.isDue = true;
    this.#news.wake.abort();
  }

  /** Who commits for a generation. @throws {FencedError} when it is not the one that we have a place in. */
  committer(generation: number): Committer {
    if (this.#place.phase === "out" || this.#place.joined.generation !== generation) {
      const now = this.#place.phase === "out" ? "none" : this.#place.joined.generation;
      throw new FencedError(`Cannot commit for generation ${generation}: ours is ${now}`);
    }
    return this.#place.joined;
  }

  /** How much longer the coordinator keeps our place without a heartbeat, in ms. */
  leaseRemainingMs(): number {
    if (this.#place.phase === "out") return 0;
    return Math.max(0, this.#times.sessionMs - (this.#clock.elapsedMs() - this.#place.aliveAtMs));
  }

  async #stayOn(member: Member, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const end = await this.#stay(stop);
      if (end.kind === "rebalance") await this.#letGo(member, stop);
      this.#place = OUT;
      if (end.kind === "lost" || end.kind === "replaced") member.lost(end.reason);
      const assignment = end.kind === "replaced" ? undefined : await this.#comeBack(member, stop);
      if (assignment === undefined) return;
      member.assigned(assignment);
    }
  }

  /** Keeps our place with heartbeats until something ends it. */
  async #stay(stop: AbortSignal): Promise<End> {
    let lookedAtMs = this.#clock.elapsedMs();
    for (;;) {
      await sleep(this.#clock, this.#times.heartbeatMs, AbortSignal.any([stop, this.#news.wake.signal]));
      const end = stop.aborted ? { kind: "left" } as const : await this.#beat();
      if (end !== undefined) return end;
      if (this.#news.isDue) return { kind: "rebalance" };
      if (this.#clock.elapsedMs() - lookedAtMs < LOOK_EVERY_MS) continue;
      lookedAtMs = this.#clock.elapsedMs();
      if (await this.#hasNewPartitions()) return { kind: "rebalance" };
    }
  }

  /** One heartbeat; what it ended, if anything. */
  async #beat(): Promise<End | undefined> {
    if (this.#place.phase === "out") return { kind: "left" };
    const place = this.#place;
    const sentAtMs = this.#clock.elapsedMs();
    try {
      await this.#calls.heartbeat(place.joined);
      this.#place = { ...place, aliveAtMs: sentAtMs };
      return undefined;
    } catch (error) {
      const codes = codesOf(error);
      if (codes.includes(KafkaCode.rebalanceInProgress)) {
        this.#place = { ...place, aliveAtMs: sentAtMs };
        return { kind: "rebalance" };
      }
      const failure = this.#portError(error, "stay in");
      const replaced = codes.includes(KafkaCode.fencedInstanceId);
      if (failure instanceof FencedError) return { kind: replaced ? "replaced" : "lost", reason: failure.message };
      if (this.leaseRemainingMs() > 0) return undefined;
      return { kind: "lost", reason: `The session expired after ${this.#times.sessionMs} ms: ${failure.message}` };
    }
  }

  /** Lets the owner finish, within the time that the group waits for us, and keeps our place meanwhile (I2). */
  async #letGo(member: Member, stop: AbortSignal): Promise<void> {
    const settled = new AbortController();
    const settle = () => settled.abort();
    // An owner that fails here has let go too: what it did not commit is read again.
    member.revoked().then(settle, settle);
    const signal = AbortSignal.any([stop, settled.signal]);
    const latestMs = this.#clock.elapsedMs() + this.#times.rebalanceMs - 2 * this.#times.heartbeatMs;
    while (!signal.aborted && this.#clock.elapsedMs() < latestMs) {
      await sleep(this.#clock, this.#times.heartbeatMs, signal);
      const end = signal.aborted ? undefined : await this.#beat();
      // Nothing can be written or committed without a place; the owner notices by that, and is waited for.
      if (end !== undefined && end.kind !== "rebalance") this.#place = OUT;
    }
  }

  /** Joins again until it works, more and more slowly; undefined when told to stop or replaced by our own name. */
  async #comeBack(member: Member, stop: AbortSignal): Promise<Assignment | undefined> {
    for (let waitMs = BACKOFF_FIRST_MS; !stop.aborted; waitMs = Math.min(2 * waitMs, BACKOFF_MOST_MS)) {
      try {
        return await this.#enter();
      } catch (error) {
        if (stop.aborted) return undefined;
        if (error instanceof FencedError) {
          member.lost(error.message);
          return undefined;
        }
        await sleep(this.#clock, waitMs, stop);
      }
    }
    return undefined;
  }

  /** Joins and takes our share. */
  async #enter(): Promise<Assignment> {
    for (let attempt = 1;; attempt++) {
      try {
        this.#news = noNews();
        const joined = await this.#calls.join(this.#memberId, this.#report);
        this.#memberId = joined.memberId;
        const sentAtMs = this.#clock.elapsedMs();
        const { partitions, partitionCount = this.#cluster.partitionCount, split } = await this.#calls.share(joined);
        this.#place = { phase: "in", joined, partitionCount, aliveAtMs: sentAtMs };
        this.#report = split === undefined ? undefined : { kind: "split", text: split };
        const { generation } = joined;
        return { generation, partitions, partitionCount, ...(split === undefined ? {} : { split }) };
      } catch (error) {
        const again = this.#mayTryAgain(error);
        if (again && attempt < JOIN_ATTEMPTS) continue;
        if (again) {
          const { groupId } = this.#cluster;
          throw new RetryableError(`Cannot join group "${groupId}": it changed ${attempt} times`, { cause: error });
        }
        throw this.#portError(error, "join");
      }
    }
  }

  /** Whether the coordinator's answer means "not like that" rather than "no"; takes over the name it gave us. */
  #mayTryAgain(error: unknown): boolean {
    const codes = codesOf(error);
    if (codes.includes(KafkaCode.memberIdRequired)) this.#memberId = memberIdOf(error);
    if (codes.includes(KafkaCode.unknownMemberId)) this.#memberId = "";
    return AGAIN.some((code) => codes.includes(code));
  }

  /** Only the member that shares out looks; when it joins again, everybody has to. */
  async #hasNewPartitions(): Promise<boolean> {
    if (this.#place.phase === "out" || this.#place.joined.toShareOut === undefined) return false;
    const sharedOut = this.#place.partitionCount;
    // A look that fails is made again next time; reading and heartbeats report the failure.
    await this.#cluster.refresh().catch(() => undefined);
    return this.#cluster.partitionCount !== sharedOut;
  }

  #portError(error: unknown, verb: string): Error {
    return portError(error, `${verb} group "${this.#cluster.groupId}"`);
  }
}

function noNews(): { isDue: boolean; readonly wake: AbortController } {
  return { isDue: false, wake: new AbortController() };
}

const AGAIN: readonly number[] = [
  KafkaCode.memberIdRequired,
  KafkaCode.unknownMemberId,
  KafkaCode.illegalGeneration,
  KafkaCode.rebalanceInProgress,
];

function memberIdOf(error: unknown): string {
  const first = error instanceof ResponseError ? error.errors[0] : undefined;
  const memberId: unknown = first instanceof ProtocolError ? first["memberId"] : undefined;
  return typeof memberId === "string" ? memberId : "";
}
