// The TextMate grammar over rules, with the engines that VS Code itself uses.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import test from "node:test";

const require = createRequire(import.meta.url);
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");
const here = new URL("..", import.meta.url).pathname;

async function loadGrammar() {
  const wasm = await readFile(require.resolve("vscode-oniguruma/release/onig.wasm"));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => JSON.parse(await readFile(join(here, "syntaxes/segrules.tmLanguage.json"), "utf8")),
  });
  return registry.loadGrammar("source.segrules");
}

const grammar = await loadGrammar();

function painted(text) {
  let stack = textmate.INITIAL;
  const found = [];
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
    stack = ruleStack;
    for (const token of tokens) {
      const word = line.slice(token.startIndex, token.endIndex).trim();
      if (word !== "") found.push([word, token.scopes.at(-1).replace(/\.segrules$/, "")]);
    }
  }
  return found;
}

test("a segment has its colours", () => {
  assert.deepEqual(painted('segment big "Big" # why\n  where did purchase where (amount >= 500 GBP)'), [
    ["segment", "keyword.control.block"],
    ["big", "entity.name.type"],
    ['"Big"', "string.quoted.double"],
    ["# why", "comment.line.number-sign"],
    ["where", "keyword.control.clause"],
    ["did", "support.function"],
    ["purchase", "variable.other"],
    ["where", "keyword.control.clause"],
    ["(", "punctuation"],
    ["amount", "variable.other"],
    [">=", "keyword.operator"],
    ["500", "constant.numeric"],
    ["GBP", "variable.other"],
    [")", "punctuation"],
  ]);
});

test("a word behind a dot, in backticks or within a longer word is a name", () => {
  const names = painted("where `last` = x.size and lastly").filter(([, scope]) => scope.startsWith("variable"));
  assert.deepEqual(names.map(([word]) => word), ["`last`", "x", "size", "lastly"]);
});

test("what is in quotes or behind a number sign is no rule", () => {
  assert.deepEqual(painted('describe "where # \\" and" # "not'), [
    ["describe", "keyword.control.clause"],
    ['"where # \\" and"', "string.quoted.double"],
    ['# "not', "comment.line.number-sign"],
  ]);
});

test("no line of the examples leaves anything open for the next", async () => {
  const rulesets = join(here, "../../rulesets");
  let lines = 0;
  for (const folder of await readdir(rulesets)) {
    for (const name of await readdir(join(rulesets, folder))) {
      if (!name.endsWith(".seg")) continue;
      for (const line of (await readFile(join(rulesets, folder, name), "utf8")).split("\n")) {
        const { tokens, ruleStack } = grammar.tokenizeLine(line, textmate.INITIAL);
        assert.equal(ruleStack.depth, 1, line);
        assert.equal(tokens.at(-1).endIndex >= line.length, true, line);
        lines += 1;
      }
    }
  }
  assert.ok(lines > 300);
});
