"""`segrules lsp`: the server that editors talk to."""

import os
import sys

import click

from segrules.cli.console import print_message
from segrules.cli.exit import Exit

_INSTALL = "install it with `pip install 'segrules[lsp]'`"
_EXTRA = ("pygls", "lsprotocol", "cattrs", "attrs")


@click.command("lsp", short_help="Serve an editor, which starts this command.")
def command() -> Exit:
    """Serve an editor: findings while somebody types, what names mean, completion, rename.

    The editor starts this command itself and talks over standard input and output, in the language server protocol;
    it is of no use in a terminal.
    """
    try:
        from segrules.editor.server.main import make_server
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in _EXTRA:
            raise
        print_message("the server for editors needs packages that are not installed", _INSTALL)
        return Exit.INPUT
    # The server closes what it writes to; standard output stays open for whatever ends this command.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        make_server().start_io(sys.stdin.buffer, out)
    return Exit.FINE
