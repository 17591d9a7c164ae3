"""A server of language models (Ollama) works for strangers.

How it is seen: the list of models is read. Only an answer in the service's own form counts. How it is judged: Ollama knows no authentication; whoever reads the list may use, delete and
upload models. What it cannot show: what the models were trained on, or are used for.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import OllamaFacts

RULE = access_rule(
    id="exposure/ollama",
    name=Text("Ollama 大模型服务", "The model server Ollama"),
    facts=OllamaFacts,
    rationale=Text(
        "Ollama 没有认证，外人可以盗用算力、删除或者投毒模型、读取提示内容；历史版本有任意文件读取和代码"
        "执行漏洞。国家网络安全通报中心 2025 年 3 月曾就此通报。",
        "Ollama knows no authentication: strangers use its computing power, delete or poison models and "
        "read prompts; old versions handed out files and ran code. China's national centre for cyber "
        "security notification warned of it in March 2025.",
    ),
    remediation=Text(
        "OLLAMA_HOST=127.0.0.1（不要写 0.0.0.0），由带认证和限速的反向代理（nginx auth_basic、API 网关）"
        "对外；　限制 OLLAMA_ORIGINS；　升级到受维护版本；　防火墙封禁 TCP 11434。",
        "OLLAMA_HOST=127.0.0.1 (never 0.0.0.0), with a proxy in front that asks for credentials and "
        "limits rates (nginx auth_basic, an API gateway); restrict OLLAMA_ORIGINS; use a maintained "
        "version; block TCP 11434.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference("Ollama: FAQ, exposing Ollama", "https://github.com/ollama/ollama/blob/main/docs/faq.md"),
        Reference("Ollama: API", "https://github.com/ollama/ollama/blob/main/docs/api.md"),
    ),
    usable=Severity.HIGH,
    reachable=Severity.HIGH,
    basis=Basis.HTTP,
)
