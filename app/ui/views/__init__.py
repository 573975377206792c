"""The screens, one a file. They ask the replica through `use_query` and act through the session."""
