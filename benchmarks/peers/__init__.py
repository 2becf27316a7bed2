"""The journey of ``benchmarks.steps``, person by person, with what one would otherwise take."""
