"""A file that Airflow cannot read: its DAG was never there."""

raise RuntimeError("this file is broken on purpose")
