/** Whether an alert's condition holds for the numbers that its queries were reduced to. */
import type { RuleFile } from "./grafana_files.ts";

const COMPARISON = /^(\S+) (<|>|>=) (?:(\S+) \* )?(\S+)$/;

/**
 * Evaluates the part of Grafana's `math` that the rules use: comparisons joined by `&&`.
 *
 * @param values of the first query, the second, and so on
 * @throws {SyntaxError} for anything else
 */
export function holds({ data, condition }: RuleFile, values: readonly number[]): boolean {
  const step = data.find(({ refId }) => refId === condition);
  const expression = step !== undefined && "expression" in step.model ? step.model.expression : "";
  return expression.split(" && ").every((part) => compare(part, values));
}

function compare(part: string, values: readonly number[]): boolean {
  const [, left = "", operator, factor = "1", right = ""] = COMPARISON.exec(part) ?? [];
  const a = numberOf(left, values), b = numberOf(factor, values) * numberOf(right, values);
  if (Number.isNaN(a + b)) throw new SyntaxError(`Cannot evaluate ${part}: it is no comparison of numbers`);
  return operator === "<" ? a < b : operator === ">" ? a > b : a >= b;
}

function numberOf(text: string, values: readonly number[]): number {
  const [, name] = /^\$([A-Z])_value$/.exec(text) ?? [];
  return name === undefined ? Number(text || NaN) : values[name.charCodeAt(0) - "A".charCodeAt(0)] ?? NaN;
}
