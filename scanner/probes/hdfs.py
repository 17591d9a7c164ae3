"""The Hadoop HDFS name node: ``GET /jmx`` for the name node's status is answered without credentials.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import HdfsFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="hdfs",
    facts=HdfsFacts,
    products=frozenset({"hadoop hdfs", "hadoop-namenode"}),
    ports=frozenset({9870, 50070}),
    proof=Read(
        "/jmx?qry=Hadoop:service=NameNode,name=NameNodeStatus", form(rb'"NNRole"\s*:|NameNodeStatus"')
    ),
)
