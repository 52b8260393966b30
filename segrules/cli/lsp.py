"""`segrules lsp`: the server that editors talk to."""

import os
import sys

import click

from segrules.cli.console import print_message
from segrules.cli.exit import Exit

_INSTALL = "install it with `pip install 'segrules[lsp]'`"


@click.command("lsp", short_help="Serve an editor: findings, hover, completion, rename.")
@click.option("--tcp", metavar="PORT", type=click.IntRange(1, 65535), help="Listen on this port of this computer.")
def command(tcp: int | None) -> Exit:
    """Serve an editor, which starts this command itself: it is of no use in a terminal.

    The editor talks over standard input and output in the language server protocol.
    """
    try:
        from segrules.editor.server.main import make_server
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("pygls", "lsprotocol", "cattrs", "attrs"):
            raise
        print_message("the server for editors needs packages that are not installed", _INSTALL)
        return Exit.INPUT
    server = make_server()
    if tcp is None:
        # The server closes what it writes to; standard output stays open for whatever ends this command.
        with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
            server.start_io(sys.stdin.buffer, out)
    else:
        server.start_tcp("127.0.0.1", tcp)
    return Exit.FINE
