"""The open tables on Apache Iceberg; imported by the archiver's process alone."""
