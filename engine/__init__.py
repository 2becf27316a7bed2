"""The engine: drives compiled journeys and the channels that carry their messages."""
