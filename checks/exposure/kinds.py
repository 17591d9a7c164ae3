"""Which services are data stores, and which are for administration: names as identification and nmap give them."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.facts import AccessFacts, NmapServiceFacts, ServiceFacts

_SURE = 8
"""nmap's confidence from which its name rests on an answer and not on the port's number."""

DATABASES: Mapping[str, str] = {
    "mongodb": "MongoDB", "mongod": "MongoDB", "elasticsearch": "Elasticsearch", "opensearch": "OpenSearch",
    "couchdb": "CouchDB", "cassandra": "Cassandra", "cassandra-native": "Cassandra", "mssql": "Microsoft SQL Server",
    "ms-sql-s": "Microsoft SQL Server", "oracle": "Oracle Database", "oracle-tns": "Oracle Database",
    "ibm-db2": "IBM Db2", "drda": "DRDA (IBM Db2, Derby)", "influxdb": "InfluxDB", "clickhouse": "ClickHouse", "mysqlx": "MySQL X Protocol",
    "firebird": "Firebird", "neo4j": "Neo4j", "rethinkdb": "RethinkDB", "apache derby": "Apache Derby", "hbase": "HBase", "riak": "Riak",
    "bolt": "Neo4j (Bolt)", "rethinkdb-client": "RethinkDB", "riak-pbc": "Riak", "informix": "Informix", "sybase": "Sybase", "maxdb": "MaxDB", "kibana": "Kibana",
}  # fmt: skip
"""Data stores that have no rule of their own yet, by lower-case name."""

CONTROL: Mapping[str, str] = {
    "docker": "Docker API", "x11": "X11", "jdwp": "Java Debug Wire Protocol", "adb": "Android Debug Bridge",
    "exec": "rexec", "login": "rlogin", "shell": "rsh", "smb": "SMB", "microsoft-ds": "SMB", "netbios-ssn": "SMB",
    "kubelet": "kubelet", "ajp13": "AJP", "java-rmi": "Java RMI", "rmiregistry": "Java RMI", "webmin": "Webmin",
    "etcd": "etcd", "jenkins": "Jenkins",
}  # fmt: skip
"""Administration services that often need no password, or give the whole machine when they are broken."""

ADMINISTRATION: Mapping[str, str] = {
    "rdp": "RDP", "ms-wbt-server": "RDP", "vnc": "VNC", "winrm": "WinRM", "wsman": "WinRM",
    "zookeeper": "ZooKeeper", "kubernetes api": "Kubernetes API", "kubernetes": "Kubernetes API", "ipmi": "IPMI",
    "asf-rmcp": "IPMI", "snmp": "SNMP", "nfs": "NFS", "rpcbind": "rpcbind", "rsync": "rsync", "msrpc": "MSRPC",
    "rabbitmq management": "RabbitMQ management", "teamviewer": "TeamViewer", "pcanywheredata": "pcAnywhere",
    "radmin": "Radmin", "ldap": "LDAP", "amqp": "AMQP", "activemq": "ActiveMQ", "nats": "NATS", "jetdirect": "JetDirect",
    "hadoop-ipc": "Hadoop IPC", "hadoop-namenode": "Hadoop", "hadoop-datanode": "Hadoop", "consul": "Consul", "vmware-auth": "VMware",
}  # fmt: skip
"""Other services for administrators and for machines among themselves."""


def kind_of(service: ServiceFacts, table: Mapping[str, str]) -> str | None:
    """The entry of ``table`` that names this service, or None.

    Our own word counts first (protocol, then product), then nmap's, and only where it rests on an answer. A service that
    was asked how far a stranger gets has a rule of its own, and is none of these.
    """
    if any(isinstance(run.facts, AccessFacts) for run in service.runs.values()):
        return None
    nmap = service.get(NmapServiceFacts)
    sure = nmap is not None and (nmap.confidence or 0) >= _SURE
    names = [service.protocol, service.product, nmap.name if nmap is not None and sure else None]
    for name in names:
        if name is None:
            continue
        known = table.get(name.lower().partition(":")[0])
        if known is not None:
            return known
    return None
