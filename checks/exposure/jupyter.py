"""Jupyter can be reached, or used without authentication.

How it is seen: ``GET /api`` names the version to everyone; ``GET /api/contents?content=0`` needs a token or password.
Only an answer in the service's own form counts. How it is judged: usable without authentication is a failure, and it
weighs less on a loopback address. What it cannot show: which files there are; none is listed.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import JupyterFacts

RULE = access_rule(
    id="exposure/jupyter",
    name=Text("Jupyter 笔记本服务", "Jupyter"),
    facts=JupyterFacts,
    rationale=Text(
        "不要令牌的 Jupyter 让任何能连上的人以服务账号执行任意程序。",
        "A Jupyter without a token lets anyone who can connect run any program under its account.",
    ),
    remediation=Text(
        "不要把令牌、口令设为空（ServerApp.token、PasswordIdentityProvider.hashed_"
        "password）；ServerApp.ip 保持 127.0.0.1，远程经 SSH 隧道或 JupyterHub 使"
        "用；不要以 root 运行。"
        "配置写在 ~/.jupyter/jupyter_server_config.py；旧版本为 jupyter_notebook_config.py 中的 NotebookApp.token、No"
        "tebookApp.password。",
        "Never an empty token or password (ServerApp.token, PasswordIdentityProvider.hashed_password); "
        "ServerApp.ip stays 127.0.0.1, with an SSH tunnel or JupyterHub for others; do not run it as root."
        " The settings are in ~/.jupyter/jupyter_server_config.py; in older versions NotebookApp.token and NotebookAp"
        "p.password in jupyter_notebook_config.py.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "Jupyter Server: security",
            "https://jupyter-server.readthedocs.io/en/latest/operators/security.html",
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
    basis=Basis.HTTP,
)
