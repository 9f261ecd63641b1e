"""Datasets: branches, transactions, files, schemas, and their content as a table."""
