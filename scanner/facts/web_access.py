"""The facts of services that speak HTTP, of the shape of :class:`~scanner.facts.access.AccessFacts`."""

from __future__ import annotations

from typing import ClassVar

from scanner.facts.access import AccessFacts


class ActivemqConsoleFacts(AccessFacts):
    """The ActiveMQ web console: the answer to ``GET /admin/``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "activemq_console"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class AlertmanagerFacts(AccessFacts):
    """Alertmanager: the answers to ``GET /api/v2/status``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "alertmanager"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class ClickhouseFacts(AccessFacts):
    """ClickHouse (HTTP interface): the answers to ``GET /ping``, ``GET /?query=SELECT%20version()``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "clickhouse"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class ConsulFacts(AccessFacts):
    """Consul: the answers to ``GET /v1/status/leader``, ``GET /v1/agent/self``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "consul"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class CouchdbFacts(AccessFacts):
    """CouchDB: the answers to ``GET /``, ``GET /_all_dbs?limit=1``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "couchdb"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class CupsFacts(AccessFacts):
    """CUPS: the answers to ``GET /``, ``GET /printers/``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "cups"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class DockerFacts(AccessFacts):
    """The Docker API: the answers to ``GET /version``, ``GET /containers/json?limit=1``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "docker"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class DockerRegistryFacts(AccessFacts):
    """A container registry: the answers to ``GET /v2/``, ``GET /v2/_catalog?n=1``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "docker_registry"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class ElasticsearchFacts(AccessFacts):
    """Elasticsearch or OpenSearch: the answers to ``GET /``, ``GET /_cluster/health``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "elasticsearch"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class EurekaFacts(AccessFacts):
    """Eureka: the answer to ``GET /eureka/apps``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "eureka"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class ExporterFacts(AccessFacts):
    """A Prometheus exporter: the answers to ``GET /metrics``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "exporter"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class FlinkFacts(AccessFacts):
    """The Flink dashboard: the answers to ``GET /overview``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "flink"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class GrafanaFacts(AccessFacts):
    """Grafana: the answers to ``GET /api/health``, ``GET /api/org``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "grafana"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class HaproxyStatsFacts(AccessFacts):
    """HAProxy's statistics: the answer to ``GET /``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "haproxy_stats"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class HdfsFacts(AccessFacts):
    """The Hadoop HDFS name node: the answers to ``GET /jmx?qry=Hadoop:service=NameNode,name=NameNodeStatus``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "hdfs"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class HttpProxyFacts(AccessFacts):
    """An HTTP proxy: the answer to a request for another port of its own host (RFC 9112 §3.2.2)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "http_proxy"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class InfluxdbFacts(AccessFacts):
    """InfluxDB: the answers to ``GET /ping``, ``GET /query?q=SHOW%20DATABASES``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "influxdb"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class JenkinsFacts(AccessFacts):
    """Jenkins: the answers to ``GET /api/json?tree=_class``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "jenkins"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class JupyterFacts(AccessFacts):
    """Jupyter: the answers to ``GET /api``, ``GET /api/contents?content=0``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "jupyter"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class KibanaFacts(AccessFacts):
    """Kibana or OpenSearch Dashboards: the answers to ``GET /api/status``, ``GET /api/spaces/space``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "kibana"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class KubeletFacts(AccessFacts):
    """The kubelet API: the answers to ``GET /pods``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "kubelet"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class KubernetesDashboardFacts(AccessFacts):
    """The Kubernetes dashboard: the answers to its login's status and to a list of one namespace."""

    __slots__ = ()
    PROBE: ClassVar[str] = "kubernetes_dashboard"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class KubernetesFacts(AccessFacts):
    """The Kubernetes API: the answers to ``GET /version``, ``GET /api``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "kubernetes"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class MinioFacts(AccessFacts):
    """MinIO: the answers to ``GET /minio/health/live``, ``GET /``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "minio"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class NetdataFacts(AccessFacts):
    """Netdata: the answer to ``GET /api/v1/info``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "netdata"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class OllamaFacts(AccessFacts):
    """Ollama: the answers to ``GET /api/version``, ``GET /api/tags``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "ollama"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class PortainerFacts(AccessFacts):
    """Portainer: the answers to ``GET /api/status``, ``GET /api/endpoints``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "portainer"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class PrometheusFacts(AccessFacts):
    """Prometheus: the answers to ``GET /api/v1/status/buildinfo``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "prometheus"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class RabbitmqConsoleFacts(AccessFacts):
    """The RabbitMQ management console: the answers to ``GET /api/overview``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "rabbitmq_console"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class SolrFacts(AccessFacts):
    """Solr: the answers to ``GET /solr/admin/info/system?wt=json``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "solr"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class SparkFacts(AccessFacts):
    """A Spark master: the answers to ``GET /json/``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "spark"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class TomcatManagerFacts(AccessFacts):
    """The Tomcat manager: the answers to ``GET /manager/html``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "tomcat_manager"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class TraefikFacts(AccessFacts):
    """Traefik's API: the answers to ``GET /api/version``, ``GET /api/overview``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "traefik"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class YarnFacts(AccessFacts):
    """The Hadoop YARN resource manager: the answers to ``GET /ws/v1/cluster/info``."""

    __slots__ = ()
    PROBE: ClassVar[str] = "yarn"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


WEB_ACCESS: tuple[type[AccessFacts], ...] = (
    ActivemqConsoleFacts, AlertmanagerFacts, ClickhouseFacts, ConsulFacts, CouchdbFacts, CupsFacts, DockerFacts, DockerRegistryFacts, ElasticsearchFacts, EurekaFacts, ExporterFacts, FlinkFacts, GrafanaFacts, HaproxyStatsFacts, HdfsFacts, HttpProxyFacts, InfluxdbFacts, JenkinsFacts, JupyterFacts, KibanaFacts, KubeletFacts, KubernetesDashboardFacts, KubernetesFacts, MinioFacts, NetdataFacts, OllamaFacts, PortainerFacts, PrometheusFacts, RabbitmqConsoleFacts, SolrFacts, SparkFacts, TomcatManagerFacts, TraefikFacts, YarnFacts,
)  # fmt: skip
"""Every kind of these facts."""
