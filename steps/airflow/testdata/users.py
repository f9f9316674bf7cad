"""Makes the accounts that the contract asks as, each with its name as password.

admin may do everything, viewer may read everything, narrow may read one DAG and
the runs of it, blind may list DAG runs but sees no DAG, and nobody may do
nothing. It runs in the environment of an Airflow with FAB, of any version,
whose database is migrated.
"""

from contextlib import contextmanager

from werkzeug.security import generate_password_hash

try:
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
except ImportError:  # Airflow 2.5 has FAB inside
    from airflow.www.app import cached_app

    @contextmanager
    def get_application_builder():
        with cached_app().app_context():
            yield cached_app().appbuilder


ROLES = {
    "Narrow": [("can_read", "DAG:contract_idle"), ("can_read", "DAG Runs")],
    "Blind": [("can_read", "DAG:there_is_none"), ("can_read", "DAG Runs"), ("can_read", "ImportError")],
}
USERS = {"admin": "Admin", "viewer": "Viewer", "narrow": "Narrow", "blind": "Blind", "nobody": "Public"}

with get_application_builder() as builder:
    manager = builder.sm
    manager.sync_roles()
    for name, permissions in ROLES.items():
        role = manager.add_role(name)
        for action, resource in permissions:
            manager.add_permission_to_role(role, manager.create_permission(action, resource))
    for name, role in USERS.items():
        # A cheap hash, because Airflow 2 makes it anew for each request.
        hashed = generate_password_hash(name, "pbkdf2:sha256:1")
        if not manager.add_user(name, name, "Contract", name + "@example.org", manager.find_role(role), hashed_password=hashed):
            raise SystemExit("making the user " + name + " failed")
