"""The store in a database. SQLite now; what another database does differently is in one place:
``statements`` (the SQL) and ``sqlite`` (connections and transactions).
"""
