"""What people write that is to be obeyed: stop, start, help, in the words and languages listed."""
