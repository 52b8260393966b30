// As much of VS Code's own module as the client needs to start a server and to show findings.

const { pathToFileURL, fileURLToPath } = require("node:url");

class Uri {
  constructor(text) { this.text = text; this.scheme = text.slice(0, text.indexOf(":")); }
  static parse(text) { return new Uri(text); }
  static file(path) { return new Uri(pathToFileURL(path).href); }
  get path() { return new URL(this.text).pathname; }
  get fsPath() { return fileURLToPath(this.text); }
  toString() { return this.text; }
}

class Position { constructor(line, character) { this.line = line; this.character = character; } }
class Range { constructor(start, end) { this.start = start; this.end = end; } }
class Diagnostic { constructor(range, message, severity) { Object.assign(this, { range, message, severity }); } }
class Disposable {
  constructor(undo = () => {}) { this.dispose = undo; }
  static from(...all) { return new Disposable(() => all.forEach((one) => one.dispose())); }
}
class CancellationTokenSource { constructor() { this.token = { isCancellationRequested: false, onCancellationRequested: event }; } cancel() {} dispose() {} }
class EventEmitter {
  constructor() { this.listeners = []; this.event = (listener) => (this.listeners.push(listener), new Disposable()); }
  fire(value) { for (const listener of this.listeners) listener(value); }
  dispose() {}
}

class CodeActionKind {
  constructor(value) { this.value = value; }
  append(part) { return new CodeActionKind(this.value === "" ? part : `${this.value}.${part}`); }
}
for (const name of ["Empty", "QuickFix", "Refactor", "RefactorExtract", "RefactorInline", "RefactorRewrite", "Source", "SourceOrganizeImports", "SourceFixAll"]) {
  CodeActionKind[name] = new CodeActionKind(name === "Empty" ? "" : name);
}

const event = () => new Disposable();
const shown = { errors: [], findings: new Map(), settings: {}, documents: [], typing: [], registered: new Set() };

// Whatever a feature of the client registers, or derives a class from, is noted and does nothing.
const anything = (known) =>
  new Proxy(known, {
    get(target, name) {
      if (name in target) return target[name];
      if (typeof name !== "string") return undefined;
      if (/^on[A-Z]/.test(name)) return event;
      if (/^register/.test(name)) return (...args) => (shown.registered.add(name), args, new Disposable());
      if (/^create/.test(name)) return () => anything({ dispose() {} });
      if (/^[A-Z]/.test(name)) return (target[name] = class {});
      return undefined;
    },
  });

const channel = { append() {}, appendLine() {}, show() {}, clear() {}, dispose() {}, info() {}, error() {}, warn() {}, debug() {}, trace() {} };

module.exports = anything({
  Uri, Position, Range, Diagnostic, Disposable, CodeActionKind, EventEmitter, CancellationTokenSource, shown,
  DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
  DiagnosticTag: { Unnecessary: 1, Deprecated: 2 },
  env: { appName: "test", language: "en", clipboard: { writeText: async (text) => { shown.copied = text; } } },
  version: "1.91.0",
  commands: anything({ executeCommand: async () => undefined }),
  window: anything({
    createOutputChannel: () => channel,
    showErrorMessage: async (text, ...choices) => { shown.errors.push(text); return choices.find((item) => typeof item === "string"); },
    visibleTextEditors: [],
    tabGroups: anything({ all: [] }),
  }),
  languages: anything({
    match: (selector, document) => (selector.some(({ language }) => language === document.languageId) ? 10 : 0),
    createDiagnosticCollection: () => ({
      set: (uri, found) => { shown.findings.set(uri.toString(), found); shown.told?.(); },
      delete() {}, clear() {}, dispose() {},
    }),
  }),
  workspace: anything({
    onDidChangeTextDocument: (listener, self) => (shown.typing.push(listener.bind(self)), new Disposable()),
    getConfiguration: () => ({ get: (name, otherwise) => shown.settings[name] ?? otherwise }),
    get textDocuments() { return shown.documents; },
    notebookDocuments: [],
    workspaceFolders: undefined,
    createFileSystemWatcher: () => anything({ dispose() {} }),
  }),
});
