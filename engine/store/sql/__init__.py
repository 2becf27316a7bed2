"""The store in a database. Tables, statements, what rows mean and the order of things are common;
how rows go in and out, who is due and who may write is each database's own (``sqlite_*``).
"""
