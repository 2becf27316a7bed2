"""Push to Apple's devices."""
