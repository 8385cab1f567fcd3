/** Alarms: what somebody outside is told of an incident, once when it opens and once when it has ended. */
import type { Point } from "../domain/point.ts";

/** What is told. */
export interface Alarm {
  /** The same whenever the same thing is told: whoever hears it twice knows. */
  readonly key: string;
  readonly event: AlarmEvent;
  /** The point of `transactions_incident`. */
  readonly incident: Point;
}

/** What has happened to an incident. */
export type AlarmEvent = "opened" | "ended";

/** Somebody who is told. */
export interface Bell {
  /**
   * Resolves with what became of it: taken, or refused for good.
   *
   * @throws {RetryableError} when it may be taken later, or was taken and the answer is lost
   */
  ring(alarm: Alarm): Promise<"taken" | "refused">;
}

/** What is to be told of an incident of which `told` was told last: each event once, in order. */
export function alarmsOf(incident: Point, told: AlarmEvent | undefined): readonly Alarm[] {
  const events: AlarmEvent[] = [];
  if (told === undefined) events.push("opened");
  if (told !== "ended" && incident.fields["open"] === false) events.push("ended");
  return events.map((event) => ({ key: `${incident.fields["id"]}.${event}`, event, incident }));
}

/** How far the telling of an incident has come, as it is stored. */
export function toldPoint({ incident: { tags, timeMs }, event }: Alarm): Point {
  return { measurement: "tally_alarm", tags, timeMs, fields: { told: event } };
}

/** The event that a stored point says was told last. */
export function toldIn({ fields }: Point): AlarmEvent {
  return fields["told"] === "ended" ? "ended" : "opened";
}
