"""What one editor has open, and what it is told about that: findings while somebody types, proofs when it is saved."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lsprotocol import types

from segrules.diagnostics.errors import Cancelled
from segrules.diagnostics.finding import Finding
from segrules.editor.buffers import Buffer, Buffers, Stamp
from segrules.editor.positions import Units
from segrules.editor.project import ProjectView, State, alone, root_of, shown_in
from segrules.editor.server.convert import diagnostic, path_of, uri_of
from segrules.text.source import Source
from segrules.workspace.files import SUFFIX

DELAY = 0.2
"""Seconds without a change after which findings are looked for."""

Publish = Callable[[str, list[types.Diagnostic]], None]


@dataclass(frozen=True, slots=True)
class Place:
    """A place that an editor asks about: the text, what findings call its file, and its project if there is one."""

    source: Source
    path: Path
    view: ProjectView | None
    line: int = 1
    column: int = 1


class Session:
    """Texts, projects and what was said of them. Changes come in the thread of the server, questions in others."""

    def __init__(self, publish: Publish, fail: Callable[[Exception], None], today: Callable[[], date]) -> None:
        self.buffers = Buffers()
        self.units = Units()
        self.proves = True
        self.today = today
        self._publish = publish
        self._fail = fail
        self._views: dict[Path, ProjectView] = {}
        self._published: dict[str, list[types.Diagnostic]] = {}
        self._waiting: asyncio.TimerHandle | None = None
        self._to_prove: set[Path] = set()
        self._proved: dict[Path, tuple[Stamp, tuple[Finding, ...]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        # One after the other: the solver is not to be asked by two threads at once.
        self._prover = ThreadPoolExecutor(max_workers=1, thread_name_prefix="proofs")
        self._closed = False

    # --- texts

    def put(self, uri: str, text: str, version: int | None) -> None:
        """A text was opened or changed."""
        path = path_of(uri)
        if path is None:
            return
        opened = self.buffers.get(path) is None
        self.buffers.put(Buffer(path, uri, text, version))
        root = root_of(path)
        if opened and root is not None and root not in self._proved:
            self._to_prove.add(root)
        self.look_soon()

    def saved(self, uri: str) -> None:
        """A text was saved: now its project is worth a proof."""
        path = path_of(uri)
        root = None if path is None else root_of(path)
        if root is not None:
            self._to_prove.add(root)
        self.look_soon()

    def close(self, uri: str) -> None:
        """A text was closed."""
        path = path_of(uri)
        if path is not None:
            self.buffers.close(path)
            self.look_soon()

    def touch(self) -> None:
        """Something changed on disk."""
        self.buffers.touch()
        self.look_soon()

    def stop(self) -> None:
        """No more is asked; what is being proved stops."""
        self._closed = True
        self.buffers.touch()
        if self._waiting is not None:
            self._waiting.cancel()
        self._prover.shutdown(wait=False, cancel_futures=True)

    # --- places

    def place(self, uri: str, position: types.Position | None = None) -> Place | None:
        """The place that an editor means; None for what is no open rule file."""
        path = path_of(uri)
        buffer = None if path is None else self.buffers.get(path)
        if path is None or buffer is None:
            return None
        root = root_of(path)
        shown = shown_in(root, path)
        source = self.buffers.source(path, shown)
        if source is None:
            return None
        view = None if root is None else self.view(root)
        if position is None:
            return Place(source, path, view)
        return Place(source, path, view, *self.units.from_editor(source, position.line, position.character))

    def view(self, root: Path) -> ProjectView:
        """The project in a folder."""
        return self._views.setdefault(root, ProjectView(root, self.buffers))

    def state(self, place: Place) -> State | None:
        """What is known of the project of a place, now."""
        return None if place.view is None else place.view.state(self.today())

    def findings(self, state: State) -> tuple[Finding, ...]:
        """What was found in a project, with what was proved of the same texts."""
        stamp, proved = self._proved.get(state.root, (None, ()))
        return proved if stamp == self.buffers.stamp(state.root) else state.findings

    def uris(self, state: State) -> dict[str, str]:
        """How the editor names the files of a project, by their paths as findings show them."""
        return {shown: self.uri(state.path(shown)) for shown in state.sources}

    def uri(self, path: Path) -> str:
        """How the editor names a file."""
        buffer = self.buffers.get(path)
        return uri_of(path) if buffer is None or not buffer.uri else buffer.uri

    # --- findings

    def look_soon(self) -> None:
        """Look for findings when nothing has changed for a moment."""
        if self._closed:
            return
        if self._waiting is not None:
            self._waiting.cancel()
        loop = asyncio.get_running_loop()
        self._waiting = loop.call_later(DELAY, lambda: self._start(self._look()))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _look(self) -> None:
        try:
            open_roots = self._open_roots()
            roots = sorted({root for root in open_roots.values() if root is not None})
            stamps = {root: self.buffers.stamp(root) for root in roots}
            states = [await asyncio.to_thread(self.view(root).state, self.today()) for root in roots]
            if self._closed or any(self.buffers.stamp(root) != stamp for root, stamp in stamps.items()):
                return  # what changed meanwhile has asked for another look
            self._tell(states, open_roots)
            for state in states:
                if state.root in self._to_prove and self.proves:
                    self._to_prove.discard(state.root)
                    self._start(self._prove(state, stamps[state.root]))
        except Exception as error:  # an editor goes on, whatever we do wrong
            self._fail(error)

    def _open_roots(self) -> dict[str, Path | None]:
        return {buffer.uri: root_of(buffer.path) for buffer in self.buffers.all()}

    def _tell(self, states: Iterable[State], open_roots: Mapping[str, Path | None]) -> None:
        """Publish what there is to say now, file by file where it is not what was said before."""
        said: dict[str, list[types.Diagnostic]] = {}
        read: set[str] = set()
        for state in states:
            uris = self.uris(state)
            read |= set(uris.values())
            for found in self.findings(state):
                path = found.span.path if found.span is not None else "segrules.toml"
                uri = uris.get(path) or self.uri(state.path(path))
                said.setdefault(uri, []).append(diagnostic(found, self.units, state.sources, uris))
        for buffer in self.buffers.all():
            if buffer.path.suffix.lower() != SUFFIX or buffer.uri in read:
                continue
            root = open_roots.get(buffer.uri)
            source = self.buffers.source(buffer.path, shown_in(root, buffer.path))
            if source is not None:
                sources, uris = {source.path: source}, {source.path: buffer.uri}
                said[buffer.uri] = [diagnostic(f, self.units, sources, uris) for f in alone(source, root)]
        for uri in sorted({*said, *self._published}):
            if said.get(uri, []) != self._published.get(uri, []):
                self._publish(uri, said.get(uri, []))
        self._published = said

    async def _prove(self, state: State, stamp: Stamp) -> None:
        rules = state.rules
        if rules is None or not rules.sound:
            return

        def outdated() -> bool:
            return self._closed or self.buffers.stamp(state.root) != stamp

        def work() -> tuple[Finding, ...]:
            return rules.checked(self.today(), proofs=rules.prove(cancelled=outdated)).findings

        try:
            found = await asyncio.get_running_loop().run_in_executor(self._prover, work)
            if not outdated():
                self._proved[state.root] = stamp, found
                self.look_soon()
        except Cancelled:
            pass  # what changed meanwhile will be saved, and proved then
        except Exception as error:  # an editor goes on, whatever we do wrong
            if not self._closed:
                self._fail(error)
