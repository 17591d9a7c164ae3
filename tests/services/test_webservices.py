"""Services that speak HTTP: real servers, open and closed; documented answers, replayed, where none can be had."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from checks.model import Status
from scanner.errors import NotOffered, TargetError
from scanner.facts import IdentifyFacts
from scanner.facts.web_access import WEB_ACCESS, HttpProxyFacts
from scanner.probes import (
    activemq_console,
    alertmanager,
    clickhouse,
    consul,
    couchdb,
    cups,
    docker,
    docker_registry,
    elasticsearch,
    eureka,
    exporter,
    flink,
    grafana,
    haproxy_stats,
    hdfs,
    identify,
    influxdb,
    jenkins,
    jupyter,
    kibana,
    kubelet,
    kubernetes,
    kubernetes_dashboard,
    minio,
    netdata,
    ollama,
    portainer,
    prometheus,
    rabbitmq_console,
    signatures,
    solr,
    spark,
    tomcat_manager,
    traefik,
    yarn,
)
from scanner.probes.http_access import HttpAccessProbe
from tests.checks.judging import findings, outcomes, service
from tests.conftest import Scanner
from tests.servers import webservices
from tests.servers.brokers import rabbitmq_server
from tests.servers.process import loopback_address, wait_for_port
from tests.servers.web import careful_site, nginx_site, tomcat
from tests.services.asking import asked, fails
from tests.services.footprint import footprint
from tests.services.hostile import tcp_server

pytestmark = pytest.mark.server

Start = Callable[..., AbstractContextManager[str]]
PROBES = {
    probe.facts: probe
    for probe in (
        activemq_console.PROBE, alertmanager.PROBE, clickhouse.PROBE, consul.PROBE, couchdb.PROBE, docker.PROBE, cups.PROBE, docker_registry.PROBE, eureka.PROBE,
        haproxy_stats.PROBE, minio.PROBE, netdata.PROBE, ollama.PROBE, portainer.PROBE, traefik.PROBE, elasticsearch.PROBE, exporter.PROBE, flink.PROBE, grafana.PROBE, hdfs.PROBE, influxdb.PROBE, jenkins.PROBE,
        jupyter.PROBE, kibana.PROBE, kubelet.PROBE, kubernetes.PROBE, kubernetes_dashboard.PROBE, prometheus.PROBE, rabbitmq_console.PROBE,
        solr.PROBE, spark.PROBE, tomcat_manager.PROBE, yarn.PROBE,
    )
}  # fmt: skip

REAL: list[tuple[HttpAccessProbe, Start, int]] = [
    (prometheus.PROBE, webservices.prometheus_server, 9090),
    (exporter.PROBE, webservices.node_exporter, 9104),
    (alertmanager.PROBE, webservices.alertmanager, 9093),
    (docker_registry.PROBE, webservices.docker_registry, 5000),
    (influxdb.PROBE, webservices.influxdb_server, 8086),
    (cups.PROBE, webservices.cupsd, 631),
    (haproxy_stats.PROBE, webservices.haproxy_stats, 8404),
]


def rule_id(probe: HttpAccessProbe) -> str:
    return f"exposure/{probe.name.replace('_', '-')}"


def test_every_service_is_tried() -> None:
    # The proxies' probe has its own tests (test_proxies.py).
    assert set(PROBES) | {HttpProxyFacts} == set(WEB_ACCESS)


@pytest.mark.parametrize(("probe", "start", "port"), REAL, ids=lambda value: getattr(value, "name", ""))
def test_open(scanner: Scanner, tmp_path: Path, probe: HttpAccessProbe, start: Start, port: int) -> None:
    with start(tmp_path, password=False) as address:
        facts = asked(scanner, probe, address, port)
    assert facts.access == "open"
    assert facts.version or probe in (exporter.PROBE, docker_registry.PROBE)
    (finding,) = findings(rule_id(probe), service(facts))
    assert finding.status is Status.FAIL


@pytest.mark.parametrize(("probe", "start", "port"), REAL, ids=lambda value: getattr(value, "name", ""))
def test_closed(scanner: Scanner, tmp_path: Path, probe: HttpAccessProbe, start: Start, port: int) -> None:
    with start(tmp_path, password=True) as address:
        named = scanner.probe(identify.PROBE, address, port)
        assert isinstance(named, IdentifyFacts)
        known = service(ip=address, port=port, protocol=named.protocol, product=named.product)
        if not probe.applies(known):
            # Nothing but 401 is shown to strangers.
            return
        try:
            facts = scanner.probe(probe, address, port)
        except NotOffered:
            return
    assert getattr(facts, "access", None) == "authentication"


def test_jupyter_with_and_without_a_token(scanner: Scanner, tmp_path: Path) -> None:
    for token, access in (("", "open"), ("not-guessed-by-anyone", "authentication")):
        folder = tmp_path / (token or "open")
        folder.mkdir()
        with webservices.jupyter_server(folder, token=token) as address:
            facts = asked(scanner, jupyter.PROBE, address, 8888)
        assert facts.access == access
        assert (facts.version or "")[0].isdigit()
        assert fails(facts, "exposure/jupyter") == (access == "open")


def test_netdata(scanner: Scanner, tmp_path: Path) -> None:
    with webservices.netdata_server(tmp_path) as address:
        facts = asked(scanner, netdata.PROBE, address, 19999)
    assert facts.access == "open"
    assert (facts.version or "").startswith("1.")
    assert fails(facts, "exposure/netdata")


def test_the_console_of_rabbitmq(scanner: Scanner) -> None:
    settings = ("management.tcp.ip = {address}", "management.tcp.port = 15672")
    with rabbitmq_server(settings, plugins=("rabbitmq_management",)) as address:
        wait_for_port(address, 15672)
        facts = asked(scanner, rabbitmq_console.PROBE, address, 15672)
    assert facts.access == "authentication"
    assert facts.in_clear is True


def test_tomcat_without_its_manager_is_not_judged(scanner: Scanner, tmp_path: Path) -> None:
    address = loopback_address()
    with tomcat(tmp_path, address, "<html>ok</html>"), pytest.raises(NotOffered):
        scanner.run(
            lambda session: tomcat_manager.PROBE.run(
                session, service(ip=address, port=80, protocol="http", product="Apache Tomcat")
            )
        )


# ------------------------------------------------------------------ replayed

JSON = b"Content-Type: application/json\r\n"


def answer(status: str, body: bytes, headers: bytes = JSON) -> bytes:
    return b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (
        status.encode(), headers, len(body), body,
    )  # fmt: skip


UNAUTHORIZED = answer("401 Unauthorized", b'{"message":"Unauthorized"}')
REPLAYED: list[tuple[HttpAccessProbe, str, dict[str, bytes], str | None]] = [
    # https://www.elastic.co/guide: "Running Elasticsearch", "Cluster health API"
    (elasticsearch.PROBE, "Elasticsearch", {
        "/": answer("200 OK", b'{"name":"n","cluster_name":"main","version":{"number":"7.17.9"},"tagline":"You Know, for Search"}'),
        "/_cluster/health": answer("200 OK", b'{"cluster_name":"main","status":"green","timed_out":false}'),
    }, "open"),
    (elasticsearch.PROBE, "Elasticsearch", {
        "/": answer("401 Unauthorized", b'{"error":{"type":"security_exception"},"status":401}'),
        "/_cluster/health": answer("401 Unauthorized", b'{"error":{"type":"security_exception"},"status":401}'),
    }, "authentication"),
    # Docker Engine API v1.43: SystemVersion, ContainerList
    (docker.PROBE, "", {
        "/version": answer("200 OK", b'{"Version":"24.0.5","ApiVersion":"1.43","Os":"linux"}'),
        "/containers/json?limit=1": answer("200 OK", b'[{"Id":"8dfafdbc3a40","Names":["/boring_feynman"]}]\n'),
    }, "open"),
    (kubernetes.PROBE, "Kubernetes API", {
        "/version": answer("200 OK", b'{"major":"1","minor":"28","gitVersion":"v1.28.2"}'),
        "/api": answer("403 Forbidden", b'{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403}'),
    }, "authentication"),
    (kubernetes.PROBE, "Kubernetes API", {
        "/version": answer("200 OK", b'{"major":"1","minor":"28","gitVersion":"v1.28.2"}'),
        "/api": answer("200 OK", b'{"kind":"APIVersions","versions":["v1"]}'),
    }, "open"),
    (kubelet.PROBE, "", {"/pods": answer("200 OK", b'{"kind":"PodList","apiVersion":"v1","items":[]}')}, "open"),
    # kubernetes: pkg/kubelet/server/server.go, InstallAuthFilter
    (kubelet.PROBE, "", {"/pods": answer("401 Unauthorized", b"Unauthorized", b"Content-Type: text/plain; charset=utf-8\r\n")}, "authentication"),
    (kubelet.PROBE, "", {
        "/pods": answer("403 Forbidden", b"Forbidden (user=system:anonymous, verb=get, resource=nodes, subresource=pods)", b"Content-Type: text/plain; charset=utf-8\r\n"),
    }, "authentication"),
    # Docker Engine: a plug-in that authorises (dockerd --authorization-plugin)
    (docker.PROBE, "", {
        "/version": answer("200 OK", b'{"Version":"24.0.5","ApiVersion":"1.43","Os":"linux"}'),
        "/containers/json?limit=1": answer("403 Forbidden", b'{"message":"authorization denied by plugin opa"}'),
    }, "authentication"),
    (consul.PROBE, "", {
        "/v1/status/leader": answer("200 OK", b'"10.1.10.12:8300"'),
        "/v1/agent/self": answer("200 OK", b'{"Config":{"Datacenter":"dc1","Version":"1.15.2"}}'),
    }, "open"),
    (consul.PROBE, "", {
        "/v1/status/leader": answer("200 OK", b'"10.1.10.12:8300"'),
        "/v1/agent/self": answer("403 Forbidden", b"Permission denied"),
    }, "authentication"),
    (couchdb.PROBE, "CouchDB", {
        "/": answer("200 OK", b'{"couchdb":"Welcome","version":"3.3.1","vendor":{"name":"x"}}'),
        "/_all_dbs?limit=1": UNAUTHORIZED,
    }, "authentication"),
    (couchdb.PROBE, "CouchDB", {
        "/": answer("200 OK", b'{"couchdb":"Welcome","version":"1.6.1"}'), "/_all_dbs?limit=1": answer("200 OK", b'["_users"]'),
    }, "open"),
    # https://clickhouse.com/docs/interfaces/http
    (clickhouse.PROBE, "ClickHouse", {
        "/ping": answer("200 OK", b"Ok.\n"), "/?query=SELECT%20version()": answer("200 OK", b"23.3.1.2823\n"),
    }, "open"),
    (clickhouse.PROBE, "ClickHouse", {
        "/ping": answer("200 OK", b"Ok.\n"),
        "/?query=SELECT%20version()": answer("403 Forbidden", b"Code: 516. DB::Exception: default: Authentication failed"),
    }, "authentication"),
    (kibana.PROBE, "Kibana", {
        "/api/status": answer("200 OK", b'{"version":{"number":"8.9.0"},"status":{"overall":{"level":"available"}}}'),
        "/api/spaces/space": answer("200 OK", b'[{"id":"default","name":"Default"}]'),
    }, "open"),
    (kibana.PROBE, "Kibana", {
        "/api/status": answer("200 OK", b'{"status":{"overall":{"level":"available"}}}'), "/api/spaces/space": UNAUTHORIZED,
    }, "authentication"),
    # Hadoop: ResourceManager REST API's, "Cluster Information API"
    (yarn.PROBE, "", {"/ws/v1/cluster/info": answer("200 OK", b'{"clusterInfo":{"id":1,"hadoopVersion":"3.3.6"}}')}, "open"),
    (hdfs.PROBE, "", {
        "/jmx?qry=Hadoop:service=NameNode,name=NameNodeStatus": answer("200 OK", b'{"beans":[{"NNRole":"NameNode","State":"active"}]}'),
    }, "open"),
    (spark.PROBE, "Spark master", {"/json/": answer("200 OK", b'{"url":"spark://m:7077","workers":[],"aliveworkers":0}')}, "open"),
    (flink.PROBE, "Flink", {"/overview": answer("200 OK", b'{"taskmanagers":1,"flink-version":"1.17.1"}')}, "open"),
    (jenkins.PROBE, "Jenkins", {"/api/json?tree=_class": answer("200 OK", b'{"_class":"hudson.model.Hudson"}')}, "open"),
    (jenkins.PROBE, "Jenkins", {"/api/json?tree=_class": answer("403 Forbidden", b"Authentication required", b"")}, "authentication"),
    (solr.PROBE, "Solr", {
        "/solr/admin/info/system?wt=json": answer("200 OK", b'{"lucene":{"solr-spec-version":"9.2.1"}}'),
    }, "open"),
    (grafana.PROBE, "Grafana", {
        "/api/health": answer("200 OK", b'{"commit":"x","database":"ok","version":"10.0.3"}'),
        "/api/org": answer("200 OK", b'{"id":1,"name":"Main Org."}'),
    }, "open"),
    (grafana.PROBE, "Grafana", {
        "/api/health": answer("200 OK", b'{"database": "ok","version": "10.0.3"}'), "/api/org": UNAUTHORIZED,
    }, "authentication"),
    # activemq-web-console: decorators/header.jsp; conf/jetty.xml, jetty-realm.properties
    (activemq_console.PROBE, "ActiveMQ console", {
        "/admin/": answer("200 OK", b"<html><head><title>localhost : ActiveMQ Console</title></head>", b""),
    }, "open"),
    (activemq_console.PROBE, "ActiveMQ console", {
        "/admin/": answer("401 Unauthorized", b"", b'WWW-Authenticate: basic realm="ActiveMQRealm"\r\n'),
    }, "authentication"),
    # kubernetes/dashboard 2.7: auth/api/types.go (LoginStatus), resource/namespace/list.go (NamespaceList)
    (kubernetes_dashboard.PROBE, "Kubernetes dashboard", {
        "/api/v1/login/status": answer("200 OK", b'{"tokenPresent": false,"headerPresent": false,"httpsMode": true}'),
        "/api/v1/namespace?itemsPerPage=1&page=1": answer("200 OK", b'{"listMeta":{"totalItems":4},"namespaces":[]}'),
    }, "open"),
    (kubernetes_dashboard.PROBE, "Kubernetes dashboard", {
        "/api/v1/login/status": answer("200 OK", b'{"tokenPresent": false,"headerPresent": false,"httpsMode": true}'),
        "/api/v1/namespace?itemsPerPage=1&page=1": answer("401 Unauthorized", b'{"ErrStatus":{"reason":"Unauthorized"}}'),
    }, "authentication"),
    (tomcat_manager.PROBE, "Apache Tomcat", {"/manager/html": answer("403 ", b"", b"")}, "refused"),
    (elasticsearch.PROBE, "Elasticsearch", {"/": UNAUTHORIZED, "/_cluster/health": UNAUTHORIZED}, "authentication"),
    # Portainer 2: api/http/handler/system/status.go, endpoints/endpoint_list.go
    (portainer.PROBE, "Portainer", {
        "/api/status": answer("200 OK", b'{"Version":"2.19.4","InstanceID":"299ab403-70a8-4c05-92f7-bf7a994d50df"}'),
        "/api/endpoints": answer("200 OK", b'[{"Id":1,"Name":"boring_feynman"}]'),
    }, "open"),
    (portainer.PROBE, "Portainer", {
        "/api/status": answer("200 OK", b'{"Version":"2.19.4","InstanceID":"299ab403-70a8-4c05-92f7-bf7a994d50df"}'),
        "/api/endpoints": answer("401 Unauthorized", b'{"message":"A valid authorization token is missing","details":"Unauthorized"}'),
    }, "authentication"),
    # Amazon S3 API: ListBuckets, error responses
    (minio.PROBE, "MinIO", {"/": answer("200 OK", b'<?xml version="1.0"?><ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>')}, "open"),
    (minio.PROBE, "MinIO", {"/": answer("403 Forbidden", b"<Error><Code>AccessDenied</Code></Error>")}, "authentication"),
    # ollama: docs/api.md, "Version", "List Local Models"
    (ollama.PROBE, "Ollama", {
        "/api/version": answer("200 OK", b'{"version":"0.5.1"}'), "/api/tags": answer("200 OK", b'{"models":[]}'),
    }, "open"),
    (ollama.PROBE, "Ollama", {"/api/version": answer("200 OK", b'{"version":"0.5.1"}'), "/api/tags": UNAUTHORIZED}, "authentication"),
    # Netflix Eureka: REST operations
    (eureka.PROBE, "Eureka", {
        "/eureka/apps": answer("200 OK", b"<applications>\n  <versions__delta>1</versions__delta>\n  <apps__hashcode/>\n</applications>"),
    }, "open"),
    (eureka.PROBE, "Eureka", {"/eureka/apps": UNAUTHORIZED}, "authentication"),
    # Traefik: API & dashboard, endpoints
    (traefik.PROBE, "", {
        "/api/version": answer("200 OK", b'{"Version":"2.10.4","Codename":"saintmarcelin","startDate":"2026-01-01T00:00:00Z"}'),
        "/api/overview": answer("200 OK", b'{"http":{"routers":{"total":3},"services":{"total":4}},"tcp":{}}'),
    }, "open"),
    (traefik.PROBE, "", {
        "/api/version": answer("200 OK", b'{"Version":"2.10.4","Codename":"saintmarcelin"}'), "/api/overview": UNAUTHORIZED,
    }, "authentication"),
    (tomcat_manager.PROBE, "Apache Tomcat", {"/manager/html": answer("401 ", b"", b'WWW-Authenticate: Basic realm="x"\r\n')}, "authentication"),
]  # fmt: skip


def replaying(answers: dict[str, bytes]) -> Callable[..., None]:
    def behave(peer, stop) -> None:  # type: ignore[no-untyped-def]
        path = peer.recv(2000).split(b" ")[1].decode()
        peer.sendall(answers.get(path, answer("404 Not Found", b"")))

    return behave


def replay(scanner: Scanner, probe: HttpAccessProbe, product: str, behave: Callable[..., None]) -> object:
    port = min(probe.ports, default=7000)
    with tcp_server(behave, port=port) as address:
        subject = service(ip=address, port=port, protocol="http", product=product)
        assert probe.applies(subject)
        return scanner.run(lambda session: probe.run(session, subject))


@pytest.mark.parametrize(
    ("probe", "product", "answers", "access"), REPLAYED, ids=lambda value: getattr(value, "name", "")
)
def test_documented_answers(
    scanner: Scanner, probe: HttpAccessProbe, product: str, answers: dict[str, bytes], access: str | None
) -> None:
    facts = replay(scanner, probe, product, replaying(answers))
    assert isinstance(facts, probe.facts)
    assert facts.access == access
    (outcome,) = outcomes(rule_id(probe), service(facts))
    assert (outcome == "usable") == (access == "open")
    assert "boring_feynman" not in repr(facts)


@pytest.mark.parametrize(
    ("header", "product"),
    [
        (b'Basic realm="security" charset="UTF-8"', "Elasticsearch"),
        (b'Basic realm="OpenSearch Security"', "OpenSearch"),
        (b'Basic realm="internal"', None),
    ],
)
def test_a_store_that_asks_for_credentials_is_known_by_its_realm(header: bytes, product: str | None) -> None:
    found = signatures.answer(b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: " + header + b"\r\n\r\n{}")
    assert found is not None
    assert found.product == product


CATCH_ALL = (
    answer("200 OK", b"<!doctype html><title>App</title><p>status version name id database</p>", b""),
    answer("200 OK", b"[]"),
    answer("200 OK", b"{}"),
    answer("200 OK", b'{"status":"ok","version":"1.0"}'),
)


@pytest.mark.parametrize("probe", PROBES.values(), ids=lambda probe: probe.name)
@pytest.mark.parametrize("same", CATCH_ALL)
def test_a_site_that_answers_everything_alike_is_none_of_these(
    scanner: Scanner, probe: HttpAccessProbe, same: bytes
) -> None:
    def behave(peer, stop) -> None:  # type: ignore[no-untyped-def]
        peer.recv(2000)
        peer.sendall(same)

    product = "" if probe.ports else next(iter(probe.products))
    try:
        facts = replay(scanner, probe, product, behave)
    except TargetError:
        return
    assert getattr(facts, "access", None) != "open"


def test_a_plain_website_is_asked_nothing_more(scanner: Scanner, tmp_path: Path) -> None:
    address = loopback_address()
    with nginx_site(tmp_path, address, careful_site(tmp_path), ""):
        for port in (80, 443):
            named = scanner.probe(identify.PROBE, address, port)
            assert isinstance(named, IdentifyFacts)
            subject = service(ip=address, port=port, protocol="http", product=named.product)
            assert not [probe.name for probe in PROBES.values() if probe.applies(subject)]
    assert footprint(scanner).opened <= 4
