"""The record log in one SQLite file: no other service, every acknowledged record synced."""
