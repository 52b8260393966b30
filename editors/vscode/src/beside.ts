// The catalogue and the project file, as they are typed: the server reads them, and other extensions look after them.
// They are not among the client's documents, so that segrules does not offer itself as a formatter of YAML.

import { Disposable, TextDocument, workspace } from "vscode";
import { LanguageClient } from "vscode-languageclient/node";

const READ = /(^|\/)(segrules\.(toml|lock)|[^/]*catalog[^/]*\.ya?ml)$/;

export function tellBeside(client: LanguageClient): Disposable {
  const tell = (what: string, document: TextDocument, more: object): void => {
    if (document.uri.scheme !== "file" || document.languageId === "segrules" || !READ.test(document.uri.path)) return;
    const textDocument = { uri: document.uri.toString(), ...more };
    const changes = what === "didChange" ? { contentChanges: [{ text: document.getText() }] } : {};
    void client.sendNotification(`textDocument/${what}`, { textDocument, ...changes }).catch(() => undefined);
  };
  const opened = (document: TextDocument): void =>
    tell("didOpen", document, {
      languageId: document.languageId,
      version: document.version,
      text: document.getText(),
    });
  workspace.textDocuments.forEach(opened);
  return Disposable.from(
    workspace.onDidOpenTextDocument(opened),
    workspace.onDidChangeTextDocument(({ document }) => tell("didChange", document, { version: document.version })),
    workspace.onDidSaveTextDocument((document) => tell("didSave", document, {})),
    workspace.onDidCloseTextDocument((document) => tell("didClose", document, {})),
  );
}
