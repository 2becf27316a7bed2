"""The server: what an editor asks, and which part of this package answers it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from lsprotocol import types
from pygls import uris
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from dsl.diagnostics import Diagnostic, Edit, Span
from dsl.format import format_text
from dsl.format.project import names_taken
from engine.lsp.complete import complete
from engine.lsp.desk import Desk
from engine.lsp.document import Document
from engine.lsp.findings import as_shown, quick_fixes
from engine.lsp.names import first_key
from engine.lsp.pointing import definition, hover
from engine.lsp.project import LARGE, Project, find_root, is_file_name
from engine.lsp.rename import CannotRename, rename, step_at

__all__ = ["Server", "made", "serve"]


_TRIGGERS = [" ", ".", '"', ":", "{", "[", ",", "="]
_WATCHED = "**/*.{yaml,yml}"


class Server(LanguageServer):
    """A language server with a desk for each project that a file is open of."""

    def __init__(self) -> None:
        super().__init__(
            "wayline", version("wayline"), text_document_sync_kind=types.TextDocumentSyncKind.Full
        )
        self.desks: dict[Path, Desk] = {}
        self.open_files: dict[str, tuple[Desk, str]] = {}  # by URI
        self._uris: dict[Path, str] = {}  # as the editor writes them
        self._shown: dict[str, Sequence[types.Diagnostic]] = {}

    def place(self, uri: str) -> tuple[Desk, str] | None:
        """The desk on which a file lies, and how its project calls it."""
        return self.open_files.get(uri)

    def open(self, uri: str, text: str) -> None:
        """A file is open now, with this text."""
        name = uris.to_fs_path(uri)
        if name is None:
            return
        file = Path(name)
        desk = self._desk(file, text)
        if desk is None:
            return
        path = desk.project.path_of(file)
        if not is_file_name(path):
            return
        desk.project.opened.add(path)
        desk.project.put(path, text)
        self.open_files[uri] = desk, path
        self._uris[file] = uri
        desk.check(path)
        desk.something_changed()

    def change(self, uri: str, text: str) -> None:
        """An open file has this text now."""
        place = self.place(uri)
        if place is None:
            if first_key(text) is not None:  # it has become one of ours
                self.open(uri, text)
            return
        desk, path = place
        desk.project.put(path, text)
        desk.changed(path)

    def close(self, uri: str) -> None:
        """A file is not open any more: what is on the disk counts again."""
        place = self.open_files.pop(uri, None)
        if place is None:
            return
        desk, path = place
        desk.project.opened.discard(path)
        desk.project.read()
        if desk.project.opened:
            desk.something_changed()
            return
        for shown in desk.found:
            self._show(desk.project, shown, [])
        desk.close()
        del self.desks[desk.project.root]

    def look(self) -> None:
        """Files may have changed on the disk."""
        for desk in self.desks.values():
            if desk.project.read():
                for path in desk.project.opened:
                    desk.changed(path)
                desk.something_changed()

    def close_all(self) -> None:
        """Ends every check that is under way."""
        for desk in self.desks.values():
            desk.close()

    def uri_of(self, project: Project, path: str) -> str:
        """A file's address, as the editor writes it."""
        file = project.root / path
        return self._uris.get(file) or uris.from_fs_path(str(file)) or ""

    def _desk(self, file: Path, text: str) -> Desk | None:
        tops = [Path(name) for one in self.workspace.folders.values()
                if (name := uris.to_fs_path(one.uri))]  # fmt: skip
        top = next((one for one in tops if one in file.parents), None)
        root = find_root(file, top)
        if root is None and first_key(text) is not None:
            root = top or file.parent
        if root is None:
            return None
        if root not in self.desks:
            project = Project(root)
            project.read()

            def show(path: str, findings: list[Diagnostic]) -> None:
                self._show(project, path, findings)

            self.desks[root] = Desk(project, show, self._complain)
        return self.desks[root]

    def _show(self, project: Project, path: str, findings: list[Diagnostic]) -> None:
        document = project.documents.get(path) or Document.of(path, "")
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(self.uri_of(project, path), as_shown(document, findings))
        )

    def _complain(self, message: str) -> None:
        self.window_show_message(types.ShowMessageParams(types.MessageType.Error, message))


def serve() -> None:
    """Serves one editor on standard input and output until it leaves."""
    logging.getLogger("pygls.protocol.json_rpc").addFilter(_is_no_refusal)
    server = made()
    try:
        server.start_io()
    finally:
        server.close_all()


def _is_no_refusal(record: logging.LogRecord) -> bool:
    """What an editor is refused in words is nothing for a log of errors."""
    return record.exc_info is None or not isinstance(record.exc_info[1], JsonRpcInvalidParams)


def made() -> Server:
    """The server with all it can do."""
    server = Server()
    _follow(server)
    _answer(server)
    _edit(server)
    return server


def _follow(server: Server) -> None:
    """Which files are open, and what stands in them."""

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.open(params.text_document.uri, params.text_document.text)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.change(uri, server.workspace.get_text_document(uri).source)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        server.close(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.look()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def on_disk(params: types.DidChangeWatchedFilesParams) -> None:
        server.look()

    @server.feature(types.INITIALIZED)
    def begun(params: types.InitializedParams) -> None:
        able = server.client_capabilities.workspace
        watching = able.did_change_watched_files if able else None
        if watching is not None and watching.dynamic_registration:
            options = types.DidChangeWatchedFilesRegistrationOptions(
                [types.FileSystemWatcher(_WATCHED)]
            )
            one = types.Registration("files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            server.client_register_capability(types.RegistrationParams([one]))


def _answer(server: Server) -> None:
    """What an editor asks about the place of a cursor."""

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=_TRIGGERS)
    )
    def completion(params: types.CompletionParams) -> list[types.CompletionItem]:
        place = server.place(params.text_document.uri)
        if place is None or _large(place):
            return []
        return complete(place[0].project, place[1], params.position)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hovered(params: types.HoverParams) -> types.Hover | None:
        place = server.place(params.text_document.uri)
        return None if place is None else hover(place[0].project, place[1], params.position)

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def defined(params: types.DefinitionParams) -> types.Location | None:
        place = server.place(params.text_document.uri)
        if place is None:
            return None
        project = place[0].project
        span = definition(project, place[1], params.position)
        return None if span is None else _location(server, project, span)


def _edit(server: Server) -> None:
    """What changes files."""

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def preparing(params: types.PrepareRenameParams) -> types.Range | None:
        place = server.place(params.text_document.uri)
        found = place and step_at(place[0].project, place[1], params.position)
        return found[1] if found else None

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    def renamed(params: types.RenameParams) -> types.WorkspaceEdit | None:
        place = server.place(params.text_document.uri)
        if place is None:
            return None
        project = place[0].project
        try:
            edits = rename(project, place[1], params.position, params.new_name)
        except CannotRename as refusal:
            raise JsonRpcInvalidParams(str(refusal)) from None
        return types.WorkspaceEdit(
            {server.uri_of(project, path): some for path, some in edits.items()}
        )

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    def formatted(params: types.DocumentFormattingParams) -> list[types.TextEdit]:
        place = server.place(params.text_document.uri)
        if place is None or _large(place):
            return []
        project, path = place[0].project, place[1]
        document = project.documents[path]
        plans = {each: project.documents[each].text for each in project.paths("tracking plan")}
        written = format_text(path, document.text, names_taken(plans))
        if not isinstance(written, str) or written == document.text:
            return []
        return [types.TextEdit(document.whole(), written)]

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]),
    )
    def fixes(params: types.CodeActionParams) -> list[types.CodeAction]:
        place = server.place(params.text_document.uri)
        if place is None or _large(place):
            return []
        desk, path = place
        found = desk.found.get(path, [])
        return [
            types.CodeAction(
                title=fix.title,
                kind=types.CodeActionKind.QuickFix,
                diagnostics=as_shown(desk.project.documents[path], [one]),
                is_preferred=fix.safe,
                edit=_as_edit(server, desk.project, fix.edits),
            )
            for one, fix in quick_fixes(desk.project, path, found, params.range)
        ]


def _large(place: tuple[Desk, str]) -> bool:
    return len(place[0].project.documents[place[1]].text) > LARGE


def _location(server: Server, project: Project, span: Span) -> types.Location:
    document = project.documents[span.path]
    return types.Location(server.uri_of(project, span.path), document.range(span))


def _as_edit(server: Server, project: Project, edits: tuple[Edit, ...]) -> types.WorkspaceEdit:
    made: dict[str, list[types.TextEdit]] = {}
    for edit in edits:
        document = project.documents[edit.path]
        where = types.Range(
            document.position(edit.line, edit.column),
            document.position(edit.line, edit.column + edit.width),
        )
        made.setdefault(server.uri_of(project, edit.path), []).append(
            types.TextEdit(where, edit.text)
        )
    return types.WorkspaceEdit(made)
