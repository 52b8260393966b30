// The extension as it is shipped, in an editor that is made up here, with the real client and the real server.

import assert from "node:assert/strict";
import Module, { createRequire } from "node:module";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import test from "node:test";

const require = createRequire(import.meta.url);
const rpc = require("vscode-jsonrpc/node");
const here = new URL("..", import.meta.url).pathname;
const python = process.env.SEGRULES_PYTHON ?? join(here, "../../.venv/bin/python");
const lsp = [python, "-c", "from segrules.cli.main import main; main()", "lsp"];

const CATALOGUE = `format: 1
time_zone: UTC
tables:
  people: {path: people.csv, key: id, columns: {id: {type: integer, nullable: false}, country: text}}
customers: {table: people}
`;

async function project() {
  const folder = await mkdtemp(join(tmpdir(), "segrules-"));
  await writeFile(join(folder, "segrules.toml"), "language = 1\n");
  await writeFile(join(folder, "catalog.yaml"), CATALOGUE);
  await writeFile(join(folder, "rules.seg"), 'segment a\n  where country = "DE"\n');
  return folder;
}

test("the server shakes hands, finds a mistake and says what a name means", async () => {
  const folder = await project();
  const server = spawn(lsp[0], lsp.slice(1), { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  const client = rpc.createMessageConnection(
    new rpc.StreamMessageReader(server.stdout),
    new rpc.StreamMessageWriter(server.stdin),
  );
  client.listen();
  try {
    const begun = await client.sendRequest("initialize", { processId: null, rootUri: null, capabilities: {} });
    assert.equal(begun.serverInfo.name, "segrules");
    for (const able of ["hover", "completion", "definition", "references", "rename", "documentFormatting"]) {
      assert.ok(begun.capabilities[`${able}Provider`], able);
    }
    await client.sendNotification("initialized", {});
    const uri = pathToFileURL(join(folder, "rules.seg")).href;
    const told = new Promise((resolve) =>
      client.onNotification("textDocument/publishDiagnostics", (found) => found.uri === uri && resolve(found)),
    );
    const text = 'segment a\n  where contry = "DE"\nsegment b where in segment a\n';
    const textDocument = { uri, languageId: "segrules", version: 1, text };
    await client.sendNotification("textDocument/didOpen", { textDocument });
    assert.match((await told).diagnostics[0].message, /did you mean `country`/);
    const hover = await client.sendRequest("textDocument/hover", {
      textDocument: { uri },
      position: { line: 2, character: 28 },
    });
    assert.match(hover.contents.value, /segment/);
    await client.sendRequest("shutdown");
    const ended = new Promise((resolve) => server.on("exit", resolve));
    await client.sendNotification("exit");
    assert.equal(await ended, 0);
  } finally {
    client.dispose();
    server.kill();
    await rm(folder, { recursive: true });
  }
});

// The bundle asks for `vscode`, which only an editor has.
const fake = require("./fake-vscode.cjs");
const load = Module._load;
Module._load = (name, ...rest) => (name === "vscode" ? fake : load(name, ...rest));
const extension = require("../dist/extension.js");

test("the extension starts the server and shows what it finds", async () => {
  const folder = await project();
  const uri = fake.Uri.file(join(folder, "rules.seg"));
  const text = 'segment a\n  where contry = "DE"\n';
  fake.shown.settings = { command: lsp.slice(0, -1), prove: false };
  const catalogue = fake.Uri.file(join(folder, "catalog.yaml"));
  let typed = CATALOGUE;
  const rules = { uri, languageId: "segrules", version: 1, getText: () => text, fileName: uri.fsPath };
  const beside = { uri: catalogue, languageId: "yaml", version: 1, getText: () => typed, fileName: catalogue.fsPath };
  fake.shown.documents = [rules, beside];
  const told = new Promise((resolve) => (fake.shown.told = resolve));
  const context = { subscriptions: [] };
  try {
    await extension.activate(context);
    await told;
    const [found] = fake.shown.findings.get(uri.toString());
    assert.match(found.message, /did you mean `country`/);
    assert.equal(found.severity, fake.DiagnosticSeverity.Error);
    for (const wanted of ["Hover", "CompletionItem", "Definition", "Rename", "DocumentFormattingEdit", "CodeActions"]) {
      assert.ok(fake.shown.registered.has(`register${wanted}Provider`), wanted);
    }
    assert.deepEqual(fake.shown.errors, []);
    // The catalogue is none of the client's documents, and the server hears of what is typed there.
    typed = CATALOGUE.replace("country: text", "contry: text");
    const gone = new Promise((resolve) => {
      fake.shown.told = () => fake.shown.findings.get(uri.toString())?.length === 0 && resolve();
    });
    for (const listener of fake.shown.typing) listener({ document: beside, contentChanges: [{ text: typed }] });
    await gone;
  } finally {
    await extension.deactivate();
    await rm(folder, { recursive: true });
  }
});

test("where the server cannot be started, a sentence says how to install it", async () => {
  fake.shown.settings = { command: [join(tmpdir(), "no-such-program")] };
  fake.shown.documents = [];
  await extension.activate({ subscriptions: [] });
  assert.match(fake.shown.errors.at(-1), /cannot be started. Install it with `pip install 'segrules\[lsp\]'`/);
  assert.equal(fake.shown.copied, "pip install 'segrules[lsp]'");
  await extension.deactivate();
});

test("the command comes from the setting", async () => {
  const esbuild = require("esbuild");
  const made = await esbuild.build({
    entryPoints: [join(here, "src/command.ts")], bundle: true, format: "cjs", platform: "node", write: false,
  });
  const module = { exports: {} };
  new Function("module", "exports", made.outputFiles[0].text)(module, module.exports);
  const { serverCommand } = module.exports;
  assert.deepEqual(serverCommand(undefined, undefined), { command: "segrules", args: ["lsp"] });
  assert.deepEqual(serverCommand([], "/w"), { command: "segrules", args: ["lsp"] });
  assert.deepEqual(serverCommand(["${workspaceFolder}/.venv/bin/python", "-m", "x"], "/w"), {
    command: "/w/.venv/bin/python",
    args: ["-m", "x", "lsp"],
  });
});

test("what the manifest names is in the bundle", async () => {
  const manifest = require("../package.json");
  const source = await import("node:fs/promises").then((fs) => fs.readFile(join(here, manifest.main), "utf8"));
  for (const { command } of manifest.contributes.commands) assert.ok(source.includes(command), command);
  for (const setting of Object.keys(manifest.contributes.configuration.properties)) {
    assert.ok(source.includes(setting.split(".")[1]), setting);
  }
});
