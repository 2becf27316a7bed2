"""``/.well-known/``: which apps may open our links, as Apple and Google want to be told.

Only links that are followed: whoever unsubscribes does so in a browser.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from engine.api.problem import Problem
from engine.config import Apps

__all__ = ["Associations"]

_FOLLOWED = "/c/*"
_HANDLE = "delegate_permission/common.handle_all_urls"
_HEADERS = {"cache-control": "max-age=3600"}


class Associations:
    """Both files. Where there is no app, there is no file."""

    def __init__(self, apps: Apps) -> None:
        self._apps = apps

    async def ios(self, _request: Request) -> Response:
        """The file that iPhones and iPads read (Apple: supporting associated domains)."""
        if not self._apps.ios:
            raise Problem(404, "There is nothing at this address.")
        details = {"appIDs": list(self._apps.ios), "components": [{"/": _FOLLOWED}]}
        return JSONResponse({"applinks": {"details": [details]}}, headers=_HEADERS)

    async def android(self, _request: Request) -> Response:
        """The file that Android reads (Google: Digital Asset Links). What an app opens of a domain,
        the app says itself.
        """
        if not self._apps.android:
            raise Problem(404, "There is nothing at this address.")
        told = [
            {
                "relation": [_HANDLE],
                "target": {
                    "namespace": "android_app",
                    "package_name": package,
                    "sha256_cert_fingerprints": list(fingerprints),
                },
            }
            for package, fingerprints in self._apps.android.items()
        ]
        return JSONResponse(told, headers=_HEADERS)
