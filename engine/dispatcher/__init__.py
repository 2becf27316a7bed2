"""The dispatcher: claims deliveries, looks once more, hands them to adapters, writes what came
back. What a provider says enters by the same door as every other event: as a receipt.

Nothing waits in its hands. What may not go yet (a limit is used up, an adapter rests, all its calls
are out) stays in its lane in the store, and is looked at once more when it is its turn.
"""

from engine.dispatcher.dispatcher import Begun, Dispatcher
from engine.dispatcher.verdicts import Dispatched

__all__ = ["Begun", "Dispatched", "Dispatcher"]
