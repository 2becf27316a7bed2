"""What stands where in each kind of file, and the same as JSON Schema for editors."""
