/** Asks the same questions again and again; one question of a name is under way at a time. */

/**
 * @typedef {{ name: string, url: string, everyMs: number }} Question
 * @typedef {(delayMs: number, fn: () => void) => () => void} After
 */

/** Keeps asking what is wanted. A question that fails is asked again; the answer before it stays. */
export class Poll {
  #after;
  #onAnswer;
  #ask;
  /** @type {Map<string, { question: Question, cancel: () => void }>} */
  #asking = new Map();

  /** @param {{ after: After, ask: (url: string) => Promise<unknown>, onAnswer: (name: string, answer: any) => void }} options */
  constructor({ after, ask, onAnswer }) {
    this.#after = after;
    this.#ask = ask;
    this.#onAnswer = onAnswer;
  }

  /**
   * Asks these from now on. A question that has only moved on in time is asked when it is due, a new one at once.
   *
   * @param {Question[]} questions
   */
  want(questions) {
    const names = new Set(questions.map(({ name }) => name));
    for (const [name, { cancel }] of this.#asking) {
      if (names.has(name)) continue;
      cancel();
      this.#asking.delete(name);
    }
    for (const question of questions) {
      const known = this.#asking.get(question.name);
      if (known === undefined || kindOf(known.question) !== kindOf(question)) this.#start(question);
      else known.question = question;
    }
  }

  /** @param {Question} question */
  #start(question) {
    this.#asking.get(question.name)?.cancel();
    let stopped = false, cancel = () => {};
    const entry = { question, cancel: () => (stopped = true, cancel()) };
    this.#asking.set(question.name, entry);
    const run = async () => {
      const answer = await this.#ask(entry.question.url);
      if (stopped) return;
      if (answer !== undefined) this.#onAnswer(question.name, answer);
      cancel = this.#after(entry.question.everyMs, run);
    };
    run();
  }
}

/** What makes a question another one: all of it but the moment. @param {Question} question */
function kindOf({ url, everyMs }) {
  return `${everyMs} ${url.replace(/\bfrom=\d+/, "")}`;
}
