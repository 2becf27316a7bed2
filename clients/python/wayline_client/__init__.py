# Written by clients/python/generate.py from the OpenAPI document; do not edit.

"""A client for the API of Wayline."""

from wayline_client.client import Client
from wayline_client.transport import Refused

__all__ = ["Client", "Refused"]
