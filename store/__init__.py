"""All SQL: tables, queries by subject, sessions, migrations."""
