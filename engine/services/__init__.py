"""Web services that journeys ask: who asks them, and what is made of what they answer."""
