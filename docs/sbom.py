"""Makes the software bill of materials of a release: ``python -m docs.sbom > zijian.cdx.json`` (CycloneDX 1.6, JSON).

It names what ``requirements.lock`` pins, each library with the SHA-256 of every file that may be installed for it, its licence as
the installed package states it, and what needs it. The serial number is made from the lock, so that one lock has one.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.dependency import Dependency
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from docs.licences import declared
from scanner.version import VERSION

LOCK = Path(__file__).parent.parent / "requirements.lock"
_ITSELF = "zijian"
_INDEX = "https://pypi.org/simple/"


@dataclass(slots=True)
class Pinned:
    """One library of the lock."""

    name: str
    version: str
    hashes: list[str] = field(default_factory=list)
    needed_by: list[str] = field(default_factory=list)
    """Names of libraries, and of zijian itself."""


def pinned(lock: str) -> list[Pinned]:
    """What a lock file of pip-compile holds, in its order."""
    found: list[Pinned] = []
    for line in lock.splitlines():
        if start := re.match(r"([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", line):
            found.append(Pinned(start[1], start[2]))
        elif sum256 := re.match(r"\s+--hash=sha256:([0-9a-f]{64})", line):
            found[-1].hashes.append(sum256[1])
        elif (
            found
            and (needs := re.match(r"\s+#\s+(?:via )?([a-z0-9][a-z0-9._-]*)", line))
            and needs[1] != "via"
        ):
            found[-1].needed_by.append(needs[1])
    return found


def _component(library: Pinned) -> Component:
    licence = declared(distribution(library.name))
    return Component(
        name=library.name,
        version=library.version,
        type=ComponentType.LIBRARY,
        bom_ref=library.name,
        purl=PackageURL("pypi", None, library.name, library.version),
        licenses=[LicenseFactory().make_from_string(licence)] if licence else [],
        external_references=[
            # A hash of the lock is one file's, and not the unpacked library's: it belongs to where the files are had.
            ExternalReference(
                type=ExternalReferenceType.DISTRIBUTION,
                url=XsUri(f"{_INDEX}{library.name}/"),
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content) for content in library.hashes],
            )
        ],
    )


def sbom(lock: str) -> str:
    """The document for a lock file's text, whose libraries are installed."""
    libraries = pinned(lock)
    components = {library.name: _component(library) for library in libraries}
    itself = Component(name=_ITSELF, version=VERSION, type=ComponentType.APPLICATION, bom_ref=_ITSELF)
    bom = Bom(components=components.values(), serial_number=uuid5(NAMESPACE_URL, lock))
    bom.metadata.component = itself
    everything = {_ITSELF: itself, **components}
    bom.dependencies.update(
        Dependency(
            one.bom_ref,
            [Dependency(components[other.name].bom_ref) for other in libraries if name in other.needed_by],
        )
        for name, one in everything.items()
    )
    return JsonV1Dot6(bom).output_as_string(indent=1) + "\n"


if __name__ == "__main__":
    sys.stdout.write(sbom(LOCK.read_text(encoding="utf-8")))
