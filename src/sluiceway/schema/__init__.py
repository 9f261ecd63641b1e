"""Schemas: the types of records, their check and canonical form, keys and inference."""
