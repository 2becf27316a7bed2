"""Who is let in, and what is written down of it: keys, signed links, the audit log."""
