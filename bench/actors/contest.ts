/** What every contender among actor libraries must do, and how often it did it. */

/** A library, set up; every method resolves to how many steps have been completed, by the receivers' own counts. */
export interface Contestant extends AsyncDisposable {
  readonly name: string;
  /** One actor is told `count` messages, in bursts of `BURST`. */
  tell(count: number): Promise<number>;
  /** One actor is asked `count` questions, `WIDTH` at a time. */
  ask(count: number): Promise<number>;
  /** Two actors send one message to and fro, `count` times. */
  pingPong(count: number): Promise<number>;
  /** `FAN` actors are told `count` messages in turn, in bursts of `BURST`. */
  fanOut(count: number): Promise<number>;
}

/** Messages between two waits for the receiver, below the mailbox bound of every contestant. */
export const BURST = 2_048;
/** Questions that wait for their answers at the same time. */
export const WIDTH = 64;
/** Receivers of the fan-out. */
export const FAN = 32;
