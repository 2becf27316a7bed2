"""The pure core: decisions about one person at one instant. No I/O, no clock."""
