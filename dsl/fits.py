"""How much each channel takes, whoever the provider is. Said here once: authors are told before,
and what is longer all the same is not handed over.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "APPROVED_LETTERS",
    "CLIPPED",
    "FREE_LETTERS",
    "HEADER_LETTERS",
    "PUSH_BYTES",
    "SUBJECT_LETTERS",
]

PUSH_BYTES: Final = 3600
"""Of title, body, links and image, as JSON. Push services take 4,096 bytes, browsers 3,993 of them;
what adapters put around it is in the rest.
"""

APPROVED_LETTERS: Final = 1024
"""Of an approved wording with its parameters in it: what Meta approves, and sends."""

FREE_LETTERS: Final = 4096
"""Of free text on WhatsApp."""

HEADER_LETTERS: Final = 60
"""Of what stands above an approved wording."""

CLIPPED: Final = 102_000
"""Bytes of HTML after which Gmail hides the rest behind a link, and the unsubscribe link with it."""

SUBJECT_LETTERS: Final = 60
"""Of a subject: what most inboxes show."""
