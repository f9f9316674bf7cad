#!/bin/sh
# Apache Airflow 2.11.2, the stable REST API.
#
# GET /api/v1/dagSources/{file_token} refuses a request without an Accept header with 406,
# although no Accept means that any type will do (RFC 9110, 12.5.1), and although it serves
# the same request with "Accept: */*". The other operations don't mind. A client that sets
# no such header, as Go's net/http doesn't, never gets to see a DAG's source.
#
# Seen:
#   no Accept     dags 200  dagSources 406
#   Accept: */*   dags 200  dagSources 200
#
# It asks the application itself, without a network. It wants a Python from 3.9 to 3.12.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv uv
uv/bin/pip install --quiet --disable-pip-version-check uv==0.13.9
uv/bin/uv venv --quiet --no-config --python '>=3.9,<3.13' env
uv/bin/uv pip install --quiet --python env/bin/python --exclude-newer 2026-11-28 apache-airflow==2.11.2 apache-airflow-providers-fab==1.5.4

mkdir -p home/dags
export AIRFLOW_HOME="$work/home" AIRFLOW__CORE__LOAD_EXAMPLES=False AIRFLOW__LOGGING__LOGGING_LEVEL=ERROR PYTHONWARNINGS=ignore
export AIRFLOW__CORE__AUTH_MANAGER=airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager
export AIRFLOW__API__AUTH_BACKENDS=airflow.api.auth.backend.default
echo 'AUTH_ROLE_PUBLIC = "Admin"' >home/webserver_config.py
cat >home/dags/empty.py <<'PYTHON'
from airflow.decorators import dag


@dag(dag_id="empty", schedule=None)
def empty():
    pass


empty()
PYTHON
env/bin/airflow db migrate >migrated 2>&1 || { cat migrated >&2; exit 1; }
cat >ask.py <<'PYTHON'
from airflow.models.dagbag import DagBag
from airflow.www.app import create_app

DagBag().sync_to_db()
client = create_app(testing=True).test_client()
token = client.get("/api/v1/dags/empty").json["file_token"]
for shown, headers in (("no Accept   ", {}), ("Accept: */* ", {"Accept": "*/*"})):
    asked = [("dags", "/api/v1/dags/empty"), ("dagSources", "/api/v1/dagSources/" + token)]
    print(shown, *(f" {name} {client.get(path, headers=headers).status_code}" for name, path in asked))
PYTHON
env/bin/python ask.py 2>/dev/null | grep Accept >seen
cat seen
printf '%s\n' 'no Accept     dags 200  dagSources 406' 'Accept: */*   dags 200  dagSources 200' | diff - seen
