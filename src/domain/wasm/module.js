// @ts-self-types="./module.d.ts"
import source module from "./decode.wasm";

export function instantiate() {
  return new WebAssembly.Instance(module).exports;
}
