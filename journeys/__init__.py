"""The library of ready journeys. Data, not code."""
