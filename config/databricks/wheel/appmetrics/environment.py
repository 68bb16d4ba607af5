"""Prepares the environment of the program in a job.

A serverless job cannot set environment variables, and the program cannot use
the login that Python has there. So the task's parameters carry the variables,
and host and token come from Python's own Databricks client.
"""

import os
import sys

# Any of these is a login, or names one.
LOGINS = (
    "DATABRICKS_TOKEN",
    "DATABRICKS_CLIENT_ID",
    "DATABRICKS_CONFIG_PROFILE",
    "DATABRICKS_AUTH_TYPE",
    "ARM_CLIENT_ID",
    "GOOGLE_CREDENTIALS",
)


class Wrong(Exception):
    """The parameters of the task cannot be used; the message is one line."""


def prepare(arguments):
    """Splits a task's parameters into environment variables and the command."""
    variables, command = dict(os.environ), list(arguments)
    while command and command[0] in ("--env", "--secret"):
        option, pair, command = command[0], "".join(command[1:2]), command[2:]
        name, separator, value = pair.partition("=")
        if not name or not separator:
            raise Wrong(f"{option} needs NAME={'VALUE' if option == '--env' else 'scope/key'} after it")
        if option == "--secret":
            value = secret(name, value)
        if value:  # a variable of the bundle that was left empty
            variables[name] = value
    login(variables)
    return variables, command


def secret(name, place):
    scope, separator, key = place.partition("/")
    if not scope or not separator or not key:
        raise Wrong(f"--secret {name} needs scope/key after the =")
    try:
        from databricks.sdk import WorkspaceClient
    except ImportError:
        raise Wrong(f"--secret {name} needs the Python package databricks-sdk, which is not installed") from None
    try:
        return WorkspaceClient().dbutils.secrets.get(scope, key)
    except Exception as error:
        raise Wrong(f"--secret {name}: read {place}: {first_line(error)}") from None


def login(variables):
    """Hands the login of Python's client over, unless there is one already."""
    if any(variables.get(name) for name in LOGINS):
        return
    try:
        from databricks.sdk import WorkspaceClient
    except ImportError:
        return
    try:
        config = WorkspaceClient().config
        scheme, _, token = config.authenticate()["Authorization"].partition(" ")
    except Exception as error:
        # A plain DATABASE_URL needs no login; whatever does will say so.
        print(f"appmetrics: no login from databricks-sdk: {first_line(error)}", file=sys.stderr)
        return
    if scheme.lower() == "bearer" and token:
        variables["DATABRICKS_HOST"], variables["DATABRICKS_TOKEN"] = config.host, token


def first_line(error):
    return (str(error).splitlines() or [type(error).__name__])[0]
