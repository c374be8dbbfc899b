"""The store's tests run on SQLite, PostgreSQL and MariaDB alike."""

from tests.databases import database, database_url, mariadb_server, postgresql_server

__all__ = ["database", "database_url", "mariadb_server", "postgresql_server"]
