"""How a store is kept from being published by a container or a cloud, whatever its own settings say."""

from __future__ import annotations

from checks.model import Text


def published(port: int) -> Text:
    """Words to be put behind a rule's own, for a store that usually listens on ``port``."""
    return Text(
        f"　容器：Docker 用 -p 127.0.0.1:{port}:{port}（它发布的端口不受 ufw、firewalld 规则约束）；云数据库：白名单不写 0.0.0.0/0。",
        f" Containers: -p 127.0.0.1:{port}:{port} with Docker (ports that it publishes pass by the rules of ufw and firewalld); cloud "
        "databases: never 0.0.0.0/0 in the list of allowed addresses.",
    )
