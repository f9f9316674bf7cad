"""A DAG for each thing that a DAG run can be doing or waiting for, for Airflow 2 and 3."""

from datetime import datetime, timedelta

try:
    from airflow.sdk import DAG, Asset, BaseOperator, BaseSensorOperator
except ImportError:
    from airflow import DAG
    from airflow import Dataset as Asset
    from airflow.models.baseoperator import BaseOperator
    from airflow.sensors.base import BaseSensorOperator
try:
    from airflow.sdk.exceptions import TaskDeferred
except ImportError:
    from airflow.exceptions import TaskDeferred
try:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
except ImportError:
    from airflow.operators.bash import BashOperator
    from airflow.triggers.temporal import TimeDeltaTrigger


class Defer(BaseOperator):
    """Leaves its worker at once and waits for an hour in the triggerer."""

    def execute(self, context):
        raise TaskDeferred(trigger=TimeDeltaTrigger(timedelta(hours=1)), method_name="done")

    def done(self, context, event=None):
        pass


class WaitSensor(BaseSensorOperator):
    """Waits in its worker for what never comes."""

    def poke(self, context):
        return False


def dag(name, paused=False, **more):
    kw = dict(schedule=None, start_date=datetime(2024, 1, 1), catchup=False, is_paused_upon_creation=paused)
    return DAG("contract_" + name, **{**kw, **more})


with dag("idle"):
    BashOperator(task_id="short", bash_command="true")
with dag("running", max_active_runs=1):
    BashOperator(task_id="long", bash_command="exec sleep 3600")
with dag("paused", paused=True):
    BashOperator(task_id="short", bash_command="true")
with dag("unpause", paused=True):
    BashOperator(task_id="short", bash_command="true")
with dag("retry"):
    BashOperator(task_id="fails", bash_command="false", retries=3, retry_delay=timedelta(hours=1))
with dag("deferred"):
    Defer(task_id="waits")
with dag("sensor"):
    WaitSensor(task_id="waits", poke_interval=1) >> BashOperator(task_id="works", bash_command="exec sleep 3600")
# An event of one of the two doesn't start it.
with dag("assets", schedule=[Asset("contract://assets/one"), Asset("contract://assets/other")]):
    BashOperator(task_id="short", bash_command="true")
# Turned on, it is due.
with dag("daily", paused=True, schedule="@daily"):
    BashOperator(task_id="short", bash_command="true")
# It has a schedule, which a backfill needs, but none of its dates is to come.
with dag("backfill", paused=True, schedule="@daily", end_date=datetime(2024, 1, 31)):
    BashOperator(task_id="short", bash_command="true")
