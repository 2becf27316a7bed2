"""The key tables: what people may write in each kind of file."""
