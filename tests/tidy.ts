/** The style rules that a machine can hold: layering, ambient time, size of units, words of errors. A plugin of `deno lint`. */

/** A module may import from its own layer and from the layers it names here, nothing else. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  "src/domain": [],
  "src/window": ["src/domain"],
  "src/actor": ["src/clock.ts"],
  "src/stream": ["src/domain", "src/window", "src/clock.ts"],
  "actors": ["src/domain", "src/window", "src/actor", "src/stream", "src/clock.ts", "src/log.ts", "src/telemetry.ts"],
  "src/kafka": ["src/domain", "src/stream", "src/clock.ts", "src/log.ts"],
  "src/influx": ["src/domain", "src/stream", "src/clock.ts", "src/log.ts"],
  "src/sqlite": ["src/domain", "src/stream", "src/clock.ts", "src/log.ts"],
  "src/webhook": ["src/domain", "src/stream", "src/clock.ts", "src/log.ts"],
  "src/web": ["src/domain", "src/stream", "src/metrics.ts", "src/clock.ts", "src/log.ts"],
};
/** The only files that may touch the wall clock, timers or randomness. */
const AMBIENT_ALLOWED = ["src/clock.ts", "src/main.ts"];
const MAX = { fileLines: 300, functionLines: 50, params: 3, depth: 3 };

const ROOT = new URL("..", import.meta.url).pathname;
const inRepo = (path: string): string => path.startsWith(ROOT) ? path.slice(ROOT.length) : path;
const layerOf = (path: string): string | undefined =>
  Object.keys(MAY_IMPORT).find((layer) => path.startsWith(`${layer}/`));
const isTest = (path: string): boolean => path.startsWith("tests/") || path.endsWith("_test.ts");

type Fn = Deno.lint.FunctionDeclaration | Deno.lint.FunctionExpression | Deno.lint.ArrowFunctionExpression;
const NESTING = new Set([
  "IfStatement",
  "ForStatement",
  "ForOfStatement",
  "ForInStatement",
  "WhileStatement",
  "DoWhileStatement",
  "SwitchStatement",
  "TryStatement",
]);
const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

/** How many control structures hold `node` inside its function, itself included; `else if` adds nothing. */
function depthOf(node: Deno.lint.Node): number {
  let depth = 0;
  for (
    let at: Deno.lint.Node | undefined = node;
    at && !FUNCTIONS.has(at.type);
    at = (at as { parent?: Deno.lint.Node }).parent
  ) {
    const parent = (at as { parent?: Deno.lint.Node }).parent;
    const elseIf = at.type === "IfStatement" && parent?.type === "IfStatement" && parent.alternate === at;
    if (NESTING.has(at.type) && !elseIf) depth++;
  }
  return depth;
}

export default {
  name: "tidy",
  rules: {
    "layering": {
      create(ctx) {
        const file = inRepo(ctx.filename), layer = layerOf(file);
        const check = (
          node: Deno.lint.ImportDeclaration | Deno.lint.ExportNamedDeclaration | Deno.lint.ExportAllDeclaration,
        ) => {
          const source = node.source?.value;
          if (layer === undefined || typeof source !== "string" || !source.startsWith(".")) return;
          const target = inRepo(new URL(source, `file://${ctx.filename}`).pathname);
          const allowed = [layer, ...MAY_IMPORT[layer] ?? []];
          if (!allowed.some((a) => target === a || target.startsWith(`${a}/`))) {
            ctx.report({ node, message: `${layer} may not import ${target}: allowed are ${allowed.join(", ")}` });
          }
        };
        return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
      },
    },
    "no-ambient": {
      create(ctx) {
        const file = inRepo(ctx.filename);
        if (isTest(file) || AMBIENT_ALLOWED.includes(file)) return {};
        const report = (node: Deno.lint.Node) =>
          ctx.report({ node, message: "Time, timers and randomness come in through a port (src/clock.ts)" });
        return {
          'CallExpression[callee.object.name="Date"][callee.property.name="now"]': report,
          'CallExpression[callee.object.name="performance"][callee.property.name="now"]': report,
          'CallExpression[callee.object.name="Math"][callee.property.name="random"]': report,
          "CallExpression[callee.name=/^(setTimeout|setInterval|queueMicrotask)$/]": report,
          'NewExpression[callee.name="Date"][arguments.length=0]': report,
        };
      },
    },
    "small": {
      create(ctx) {
        const lines = (text: string): number => text.split("\n").length;
        const checkFunction = (node: Fn) => {
          const length = lines(ctx.sourceCode.getText(node));
          if (!isTest(inRepo(ctx.filename)) && length > MAX.functionLines) {
            ctx.report({ node, message: `Function has ${length} lines, at most ${MAX.functionLines}` });
          }
          if (node.params.length > MAX.params) {
            ctx.report({
              node,
              message: `Function takes ${node.params.length} parameters, at most ${MAX.params}: use an options object`,
            });
          }
        };
        const checkDepth = (node: Deno.lint.Node) => {
          if (depthOf(node) === MAX.depth + 1) {
            ctx.report({ node, message: `Nested more than ${MAX.depth} deep: return early or name the inner part` });
          }
        };
        return {
          ...Object.fromEntries([...NESTING].map((type) => [type, checkDepth])),
          Program(node) {
            const length = lines(ctx.sourceCode.text);
            if (length > MAX.fileLines && !isTest(inRepo(ctx.filename))) {
              ctx.report({ node, message: `File has ${length} lines, at most ${MAX.fileLines}` });
            }
          },
          FunctionDeclaration: checkFunction,
          FunctionExpression: checkFunction,
          ArrowFunctionExpression: checkFunction,
        };
      },
    },
    "honest-errors": {
      create(ctx) {
        return {
          'ThrowStatement > NewExpression[callee.name="Error"]'(node: Deno.lint.NewExpression) {
            ctx.report({
              node,
              message: "Throw a class that a catcher can choose by: TypeError, RangeError, SyntaxError or one of ours",
            });
          },
          "ThrowStatement > NewExpression > Literal:first-child"(node: Deno.lint.Node) {
            const text = (node as { value?: unknown }).value;
            if (typeof text === "string" && (!/^[A-Z]/.test(text) || text.endsWith("."))) {
              ctx.report({
                node,
                message:
                  "Error message: capital first letter, no final period, `Cannot <do> <what>: <why, current value>`",
              });
            }
          },
        };
      },
    },
  },
} satisfies Deno.lint.Plugin;
