// Starts `segrules lsp` for rule files, and says in a sentence what to do where it cannot be started.

import { commands, Disposable, ExtensionContext, env, window, workspace } from "vscode";
import { LanguageClient, LanguageClientOptions, ServerOptions } from "vscode-languageclient/node";

import { tellBeside } from "./beside";
import { serverCommand } from "./command";

const INSTALL = "pip install 'segrules[lsp]'";

let client: LanguageClient | undefined;
let beside: Disposable | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  context.subscriptions.push(commands.registerCommand("segrules.restart", restart));
  context.subscriptions.push(
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("segrules")) void restart();
    }),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  beside?.dispose();
  await client?.stop();
}

async function restart(): Promise<void> {
  const before = client;
  client = undefined;
  beside?.dispose();
  await before?.stop().catch(() => undefined);
  await start();
}

async function start(): Promise<void> {
  const settings = workspace.getConfiguration("segrules");
  const folder = workspace.workspaceFolders?.[0]?.uri.fsPath;
  const { command, args } = serverCommand(settings.get<string[]>("command"), folder);
  const server: ServerOptions = { command, args, options: folder === undefined ? {} : { cwd: folder } };
  const options: LanguageClientOptions = {
    documentSelector: [{ scheme: "file", language: "segrules" }],
    initializationOptions: { prove: settings.get<boolean>("prove") ?? true },
  };
  client = new LanguageClient("segrules", "segrules", server, options);
  try {
    await client.start();
    beside = tellBeside(client);
  } catch {
    client = undefined;
    await explain(command);
  }
}

async function explain(command: string): Promise<void> {
  const copy = "Copy the command that installs it";
  const change = "Change the setting";
  const chosen = await window.showErrorMessage(
    `segrules: \`${command} lsp\` cannot be started. Install it with \`${INSTALL}\`, or say in the setting \`segrules.command\` where it is.`,
    copy,
    change,
  );
  if (chosen === copy) await env.clipboard.writeText(INSTALL);
  if (chosen === change) await commands.executeCommand("workbench.action.openSettings", "segrules.command");
}
