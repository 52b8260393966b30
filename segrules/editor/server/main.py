"""The server: every message that is understood, with what answers it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import date
from functools import wraps
from typing import Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from segrules import __version__
from segrules.diagnostics.errors import SegrulesError
from segrules.editor.positions import Units
from segrules.editor.server.answers import Answers, told
from segrules.editor.server.session import Session

NAME = "segrules"
_REQUEST_FAILED = -32803
_WATCHED = ("**/*.seg", "**/*.yaml", "**/*.yml", "**/segrules.toml", "**/segrules.lock", "**/*.csv", "**/*.txt")

_Answer = TypeVar("_Answer")


class Server(LanguageServer):
    """A server that says in one line what went wrong, and goes on."""

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log a mistake of ours, or a message that nobody can understand; who asked was told what is refused."""
        if not (isinstance(error, JsonRpcException) and error.code == _REQUEST_FAILED):
            self.log(error)

    def log(self, error: Exception) -> None:
        """Tell the editor's log in one line."""
        summary = " ".join(str(error).split())[:300]
        message = f"segrules failed: {type(error).__name__}: {summary}"
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, message))


def make_server(today: Callable[[], date] = date.today) -> Server:
    """The server, ready to be started; `today` says on which day review dates and silencers are looked at."""
    _quiet()
    server = Server(NAME, __version__, types.TextDocumentSyncKind.Full)

    def publish(uri: str, found: list[types.Diagnostic]) -> None:
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found))

    session = Session(publish, server.log, today)
    _begin(server, session)
    _texts(server, session)
    _questions(server, Answers(session))
    return server


def _quiet() -> None:
    """What pygls logs are tracebacks: in an editor they would be shown to whoever types rules."""
    logger = logging.getLogger("pygls")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False


def _begin(server: Server, session: Session) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        options = params.initialization_options
        if isinstance(options, dict) and options.get("prove") is False:
            session.proves = False

    @server.feature(types.INITIALIZED)
    def initialized(_params: types.InitializedParams) -> None:
        encoding = server.server_capabilities.position_encoding
        session.units = Units(str(getattr(encoding, "value", encoding) or "utf-16"))
        workspace = server.client_capabilities.workspace
        watched = None if workspace is None else workspace.did_change_watched_files
        if watched is not None and watched.dynamic_registration:
            options = types.DidChangeWatchedFilesRegistrationOptions(
                [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
            )
            registration = types.Registration("watch", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            server.client_register_capability(types.RegistrationParams([registration]))

    @server.feature(types.SHUTDOWN)
    def shutdown(_params: None) -> None:
        session.stop()


def _texts(server: Server, session: Session) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        session.put(document.uri, document.text, document.version)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        # Every change brings the whole text: lines end where the protocol says, and nowhere else.
        for change in params.content_changes:
            session.put(params.text_document.uri, change.text, params.text_document.version)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: types.DidSaveTextDocumentParams) -> None:
        session.saved(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(params: types.DidCloseTextDocumentParams) -> None:
        session.close(params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def changed_on_disk(_params: types.DidChangeWatchedFilesParams) -> None:
        session.touch()

    everything = types.FileOperationRegistrationOptions([types.FileOperationFilter(types.FileOperationPattern("**"))])

    @server.feature(types.WORKSPACE_DID_RENAME_FILES, everything)
    async def renamed(_params: types.RenameFilesParams) -> None:
        session.touch()


def _questions(server: Server, answers: Answers) -> None:
    def answer(method: str, by: Callable[[Any], Any], options: Any = None) -> None:
        server.feature(method, options)(_answering(server, by))

    answer(types.TEXT_DOCUMENT_HOVER, answers.hover)
    answer(
        types.TEXT_DOCUMENT_COMPLETION,
        answers.complete,
        types.CompletionOptions(trigger_characters=[".", '"', " ", "`", "[", "("]),
    )
    answer(types.TEXT_DOCUMENT_DEFINITION, answers.definition)
    answer(types.TEXT_DOCUMENT_REFERENCES, answers.references)
    answer(types.TEXT_DOCUMENT_PREPARE_RENAME, answers.prepare_rename)
    answer(types.TEXT_DOCUMENT_RENAME, answers.rename, types.RenameOptions(prepare_provider=True))
    answer(types.TEXT_DOCUMENT_FORMATTING, answers.format)
    answer(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, answers.symbols)
    answer(types.TEXT_DOCUMENT_FOLDING_RANGE, answers.folds)
    quick = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
    answer(types.TEXT_DOCUMENT_CODE_ACTION, answers.actions, quick)


def _answering(server: Server, by: Callable[[Any], _Answer]) -> Callable[[Any], Awaitable[_Answer | None]]:
    """Answer without fail, in another thread: what is refused is said, and a mistake of ours is logged."""

    @wraps(by)
    async def answered(params: Any) -> _Answer | None:
        try:
            return await asyncio.to_thread(by, params)
        except SegrulesError as error:
            raise JsonRpcException(told(error), _REQUEST_FAILED) from None
        except Exception as error:  # an editor goes on, whatever we do wrong
            server.log(error)
            return None

    return answered
