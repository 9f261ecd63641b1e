"""The metadata stores on SQLite or PostgreSQL: the only place that knows SQLAlchemy."""
