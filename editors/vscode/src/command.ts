// The setting `segrules.command` into a program and its arguments. `${workspaceFolder}` in it is the folder that is open.

export interface ServerCommand {
  command: string;
  args: string[];
}

export function serverCommand(setting: readonly string[] | undefined, folder: string | undefined): ServerCommand {
  const words = (setting ?? []).filter((word) => word !== "");
  const [command = "segrules", ...args] = words.map((word) => word.replaceAll("${workspaceFolder}", folder ?? "."));
  return { command, args: [...args, "lsp"] };
}
