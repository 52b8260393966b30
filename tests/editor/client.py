"""An editor of a few lines: it talks to a server that runs in a thread of the test, over two pipes."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from queue import Queue
from typing import IO, Any

from segrules.editor.server.main import make_server

DAY = date(2027, 1, 15)
PATIENCE = 60
"""Seconds after which an answer is given up; nothing waits so long but a server that hangs."""


class Client:
    """Sends messages and keeps what comes back: answers by number, and the newest findings of each file."""

    def __init__(self, to_server: IO[bytes], from_server: IO[bytes]) -> None:
        self._to_server = to_server
        self._from_server = from_server
        self._number = 0
        self._answers: Queue[dict[str, Any]] = Queue()
        self._told: Queue[dict[str, Any]] = Queue()
        self.findings: dict[str, list[dict[str, Any]]] = {}
        self.log: list[str] = []
        self.asked: list[dict[str, Any]] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while line := self._from_server.readline():
            length = int(line.split(b":")[1])
            while self._from_server.readline().strip():
                pass
            message = json.loads(self._from_server.read(length))
            (self._told if "method" in message else self._answers).put(message)

    # --- messages

    def send(self, body: bytes) -> None:
        self._to_server.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._to_server.flush()

    def tell(self, method: str, params: Any) -> None:
        self.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode())

    def ask(self, method: str, params: Any) -> dict[str, Any]:
        """The whole answer, an error or a result."""
        self._number += 1
        message = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        self.send(json.dumps(message).encode())
        while True:
            answer = self._answers.get(timeout=PATIENCE)
            if answer.get("id") == self._number:
                return answer

    def result(self, method: str, params: Any) -> Any:
        answer = self.ask(method, params)
        assert "error" not in answer, answer
        return answer["result"]

    def begin(self, **capabilities: Any) -> Any:
        params = {"processId": None, "rootUri": None, "capabilities": capabilities}
        options = {"initializationOptions": {"prove": False}} if not capabilities.pop("prove", False) else {}
        result = self.result("initialize", {**params, **options})
        self.tell("initialized", {})
        return result

    # --- texts

    def open(self, path: Path, text: str | None = None) -> str:
        uri = path.as_uri()
        text = path.read_text(encoding="utf-8") if text is None else text
        document = {"uri": uri, "languageId": "segrules", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        return uri

    def change(self, uri: str, text: str, version: int = 2) -> None:
        document = {"uri": uri, "version": version}
        self.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def at(self, method: str, uri: str, line: int, character: int, **more: Any) -> Any:
        where = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
        return self.result(f"textDocument/{method}", {**where, **more})

    def next(self) -> dict[str, Any]:
        """The next message that the server sends by itself; findings and log lines are kept."""
        message = self._told.get(timeout=PATIENCE)
        if message["method"] == "textDocument/publishDiagnostics":
            self.findings[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif message["method"] == "window/logMessage":
            self.log.append(message["params"]["message"])
        elif "id" in message:
            self.asked.append(message)
            self.send(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": None}).encode())
        return message

    def codes(self, uri: str) -> list[str]:
        """The codes of the next findings of a file."""
        while True:
            message = self.next()
            if message["method"] == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri:
                return [found["code"] for found in message["params"]["diagnostics"]]


@contextmanager
def connected() -> Iterator[Client]:
    """A server in a thread, and an editor that is connected to it."""
    server_in, to_server = os.pipe()
    from_server, server_out = os.pipe()
    streams = [os.fdopen(number, mode) for number, mode in ((server_in, "rb"), (server_out, "wb"))]
    server = make_server(lambda: DAY)
    thread = threading.Thread(target=server.start_io, args=streams, daemon=True)
    thread.start()
    with os.fdopen(to_server, "wb") as out, os.fdopen(from_server, "rb") as into:
        client = Client(out, into)
        try:
            yield client
        finally:
            client.ask("shutdown", None)
            client.tell("exit", None)
            thread.join(PATIENCE)
            streams[0].close()
    assert not thread.is_alive()
