"""A collector of traces on loopback: takes OTLP over HTTP and keeps it, or refuses."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span

__all__ = ["Collector"]

PATIENCE = 60.0


class Collector:
    """Listens from the beginning, on a port of its own."""

    def __init__(self) -> None:
        self.refuses = False
        self.resources: list[ResourceSpans] = []
        self._came = threading.Condition(threading.RLock())
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def spans(self) -> list[Span]:
        """In the order in which they came."""
        with self._came:
            return [
                span
                for resource in self.resources
                for scope in resource.scope_spans
                for span in scope.spans
            ]

    def wait_until(self, true: Callable[[list[Span]], bool]) -> list[Span]:
        """The spans, as soon as they are what is waited for."""
        with self._came:
            assert self._came.wait_for(lambda: true(self.spans), PATIENCE), self.spans
            return self.spans

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _take(self, path: str, body: bytes) -> int:
        with self._came:
            if self.refuses:
                return 400
            assert path == "/v1/traces"
            self.resources += ExportTraceServiceRequest.FromString(body).resource_spans
            self._came.notify_all()
            return 200

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take = self._take

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                self.send_response(take(self.path, body))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                pass

        return Handler
