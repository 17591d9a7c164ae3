"""``zijian case sign|stamp|verify|unpack|decrypt``: what can be done with an exported case alone, without a store."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli import EXIT_DONE, EXIT_USAGE
from scanner.cli.language import say, told
from scanner.cli.options import lang_option, new_id
from scanner.cli.output import new_file, write_file
from scanner.errors import LocalError, UsageError
from scanner.said import Sentence, zh
from scanner.text import without_credentials

if TYPE_CHECKING:
    from cryptography import x509

    from reports.casefile.container import Part
    from reports.casefile.signature import PrivateKey, PublicKey

_PATH = click.Path(path_type=Path)
_MOST_PEM = 1 << 20
file_argument = click.argument("file", metavar="FILE", type=_PATH)
key_option = click.option(
    "--key", type=_PATH, metavar="PEM", help="The unit's private key: Ed25519, ECDSA or RSA."
)
certificate_option = click.option(
    "--certificate",
    type=_PATH,
    metavar="PEM",
    help="The key's certificate, and those above it, to be carried along.",
)
tsa_option = click.option("--tsa", metavar="URL", help="Ask this time-stamping authority (RFC 3161) by http.")


def read_small(path: Path, most: int = _MOST_PEM) -> bytes:
    """The content of a small file.

    :raises UsageError: it cannot be read, or is too long.
    """
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise UsageError(f"无法读取 {path}：{zh(error)}", f"cannot read {path}: {error.strerror}") from error
    if len(data) > most:
        raise UsageError(f"{path} 超过 {most} 字节", f"{path} is longer than {most} bytes")
    return data


def private_key(path: Path) -> PrivateKey:
    """The private key in a PEM file; its passphrase is asked for on the terminal.

    :raises UsageError: there is none, or it is of another kind.
    """
    from reports.casefile.signature import load_private

    pem = read_small(path)
    passphrase = None
    if b"ENCRYPTED" in pem:
        passphrase = click.prompt(
            told(Sentence(f"{path} 的口令", f"Passphrase of {path}")), hide_input=True, err=True
        ).encode()
    try:
        return load_private(pem, passphrase)
    except ValueError as error:
        raise UsageError(f"{path}：{zh(error)}", f"{path}: {error}") from error


def public_key(path: Path) -> PublicKey:
    """The public key, or that of the certificate, in a PEM file.

    :raises UsageError: there is none, or it is of another kind.
    """
    from reports.casefile.signature import load_public

    try:
        return load_public(read_small(path))
    except ValueError as error:
        raise UsageError(f"{path}：{zh(error)}", f"{path}: {error}") from error


def certificates(path: Path) -> Sequence[x509.Certificate]:
    """The certificates in a PEM file.

    :raises UsageError: there is none, or one cannot be read.
    """
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(read_small(path))
    except ValueError as error:
        raise UsageError(
            f"{path} 中没有 PEM 格式的证书：{zh(error)}", f"{path} holds no certificate in PEM: {error}"
        ) from error


def stamp_by(url: str, data: bytes) -> bytes:
    """The answer of the authority at ``url`` over ``data``; the connection is recorded in the data folder.

    :raises UsageError: there is none, or it is over something else.
    """
    from reports.casefile import timestamp
    from scanner.paths import data_home
    from scanner.timestamping import ask

    ledger = data_home() / "timestamps" / f"{new_id(datetime.now(UTC))}.jsonl"
    answer = ask(url, timestamp.request(data), ledger)
    try:
        timestamp.check(answer, data, ())
    except ValueError as error:
        shown = without_credentials(url)
        raise UsageError(
            f"{shown} 没有给出时间戳：{zh(error)}", f"{shown} gave no time stamp: {error}"
        ) from error
    return answer


@contextmanager
def _plainly(path: Path) -> Iterator[None]:
    """Turn what can go wrong with the case at ``path`` into one sentence."""
    from reports.casefile.container import ContainerError

    try:
        yield
    except ContainerError as error:
        raise UsageError(
            f"{path} 不是完好的案卷：{zh(error)}（逐项核验：zijian case verify {path}）",
            f"{path} is no intact case: {error} (see: zijian case verify {path})",
        ) from error
    except ValueError as error:
        raise UsageError(f"{path}：{zh(error)}", f"{path}: {error}") from error
    except FileExistsError as error:
        raise UsageError(f"{error.filename} 已经存在", f"{error.filename} is there already") from error
    except FileNotFoundError as error:
        raise UsageError(f"无法读取 {path}：{zh(error)}", f"cannot read {path}: {error.strerror}") from error
    except OSError as error:
        raise LocalError(f"{path}：{zh(error)}", f"{path}: {error.strerror}", kind="disk_full") from error


def _part(path: Path, name: str) -> bytes:
    from reports.casefile.container import data, read

    with path.open("rb") as file:
        found = [part for part in read(file) if part.name == name]
        if not found:
            raise UsageError(f"{path} 中没有 {name}", f"{path} has no part {name}")
        return b"".join(data(file, found[0]))


def _names(path: Path) -> Sequence[Part]:
    from reports.casefile.container import read

    with path.open("rb") as file:
        return read(file)


@click.command()
@file_argument
@key_option
@certificate_option
@click.option(
    "--signature", type=_PATH, metavar="FILE", help="A signature made elsewhere, as on a token (PKCS#11)."
)
@click.option("--public-key", "public", type=_PATH, metavar="PEM", help="The public key of --signature.")
@click.option(
    "--to-be-signed", is_flag=True, help="Write what is to be signed elsewhere to standard output, and end."
)
def sign(
    file: Path,
    key: Path | None,
    certificate: Path | None,
    signature: Path | None,
    public: Path | None,
    to_be_signed: bool,
) -> int:
    """Add a signature to the exported case FILE, beside those it has."""
    from reports.casefile import signature as signing
    from reports.casefile.bag import SIGNED
    from reports.casefile.container import rewrite

    with _plainly(file):
        signed = _part(file, SIGNED)
        if to_be_signed:
            sys.stdout.buffer.write(signed)
            return EXIT_DONE
        chain = certificates(certificate) if certificate else ()
        if key is not None:
            made = signing.sign(signed, private_key(key), chain)
        elif signature is not None and (holder := public or certificate) is not None:
            made = signing.made_elsewhere(read_small(signature), public_key(holder), chain)
        else:
            raise UsageError(
                "请给出 --key，或者 --signature 加上 --public-key 或者 --certificate",
                "give --key, or --signature with --public-key or --certificate",
            )
        if not made.holds(signed):
            raise UsageError(
                f"{signature} 不是该密钥对 {file} 中 {SIGNED} 的签名",
                f"{signature} is no signature by that key over {SIGNED} of {file}",
            )
        rewrite(file, made.parts())
    say(f"{file}：已签名（{made.scheme}，密钥 {made.key_id}）", f"{file}: {made.scheme} by key {made.key_id}")
    return EXIT_DONE


@click.command()
@file_argument
@tsa_option
@click.option(
    "--request", type=_PATH, metavar="TSQ", help="Write the request here, to be posted by other means."
)
@click.option("--answer", type=_PATH, metavar="TSR", help="Take in the authority's answer.")
def stamp(file: Path, tsa: str | None, request: Path | None, answer: Path | None) -> int:
    """Add a time stamp over FILE's newest signature, or over its manifest when it has none."""
    from reports.casefile import timestamp
    from reports.casefile.bag import SIGNATURES, SIGNED
    from reports.casefile.container import rewrite

    if sum(way is not None for way in (tsa, request, answer)) != 1:
        raise UsageError(
            "请在 --tsa、--request、--answer 中选用一个", "give one of --tsa, --request and --answer"
        )
    with _plainly(file):
        signatures = [
            part.name
            for part in _names(file)
            if part.name.startswith(SIGNATURES) and part.name.endswith(".sig")
        ]
        about = signatures[-1] if signatures else SIGNED
        data = _part(file, about)
        if request is not None:
            write_file(request, timestamp.request(data))
            say(
                f"{request}：请以 application/timestamp-query 类型送交，再用 --answer 收入答复",
                f"{request}: post it as application/timestamp-query, then --answer",
            )
            return EXIT_DONE
        made = stamp_by(tsa, data) if tsa else read_small(answer or Path(), timestamp.MOST)
        found = timestamp.check(made, data, ())
        rewrite(file, [timestamp.part(about, made)])
    at = f"{found.time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    say(f"{file}：已为 {about} 加盖时间戳 {at}", f"{file}: {about} stamped at {at}")
    return EXIT_DONE


@click.command()
@file_argument
@click.option("--key", "keys", type=_PATH, multiple=True, metavar="PEM",
              help="A public key or certificate that you trust, got from the unit and not from FILE.")  # fmt: skip
@click.option("--tsa-root", "roots", type=_PATH, multiple=True, metavar="PEM", help="Root certificates of the time-stamping authority.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print it for programs.")
@lang_option
def verify(file: Path, keys: tuple[Path, ...], roots: tuple[Path, ...], as_json: bool, lang: str) -> int:
    """Hold every byte of the exported case FILE against its manifests, signatures and time stamps; exit 2 when one fails.

    It needs neither store nor network. With --key, a signature by that key must be there.
    """
    from reports.casefile.shown import as_document, lines
    from reports.casefile.verify import verify as held

    trusted = [public_key(path) for path in keys]
    anchors = [one for path in roots for one in certificates(path)]
    try:
        verdict = held(file, trusted, anchors)
    except OSError as error:
        raise UsageError(f"无法读取 {file}：{zh(error)}", f"cannot read {file}: {error.strerror}") from error
    if as_json:
        click.echo(json.dumps(as_document(verdict), ensure_ascii=False, indent=1))
    else:
        for line in lines(verdict, lang, keys_given=bool(trusted)):
            click.echo(line)
    return EXIT_DONE if verdict.intact else EXIT_USAGE


@click.command()
@file_argument
@click.option(
    "--output", "-o", type=_PATH, required=True, metavar="DIR", help="A folder that is not there yet."
)
def unpack(file: Path, output: Path) -> int:
    """Verify the exported case FILE and write its parts into a new folder. Nothing of it is opened or run."""
    from reports.casefile.unpack import unpack as write_parts
    from reports.casefile.verify import verify as held

    with _plainly(file):
        if not held(file).intact:
            raise UsageError(
                f"{file} 已不完好，没有解包（逐项核验：zijian case verify {file}）",
                f"{file} is not intact and was not unpacked (see: zijian case verify {file})",
            )
        number = write_parts(file, output)
    say(f"{output}：共 {number} 个文件", f"{output}: {number} parts")
    return EXIT_DONE


def encrypt(source: Path, target: Path, recipients: Sequence[str]) -> None:
    """Write ``source`` to ``target`` so that only ``recipients`` can read it (age-encryption.org/v1).

    :raises UsageError: one is no recipient.
    :raises OSError: as the file system says.
    """
    import pyrage

    known = []
    for text in recipients:
        kind = pyrage.ssh.Recipient if text.startswith("ssh-") else pyrage.x25519.Recipient
        try:
            known.append(kind.from_str(text))
        except pyrage.RecipientError as error:
            raise UsageError(
                f"{text!r} 不是 age 的接收方公钥：{zh(error)}", f"{text!r} is no recipient of age: {error}"
            ) from error
    with source.open("rb") as plain, new_file(target) as out:
        pyrage.encrypt_io(plain, out, known)


@click.command()
@file_argument
@click.option(
    "--identity", type=_PATH, required=True, metavar="FILE", help="A private key of age, or of OpenSSH."
)
@click.option(
    "--output", "-o", type=_PATH, required=True, metavar="FILE", help="A file that is not there yet."
)
def decrypt(file: Path, identity: Path, output: Path) -> int:
    """Decrypt a case that was exported with --encrypt-to."""
    import pyrage

    held = read_small(identity)
    try:
        if b"PRIVATE KEY" in held:
            keys = [pyrage.ssh.Identity.from_buffer(held)]
        else:
            written = [line.strip() for line in held.decode().splitlines()]
            keys = [
                pyrage.x25519.Identity.from_str(line)
                for line in written
                if line.startswith("AGE-SECRET-KEY-")
            ]
        if not keys:
            raise UsageError(f"{identity} 中没有 age 私钥", f"{identity} holds no private key of age")
    except (pyrage.IdentityError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{identity} 中没有 age 私钥：{zh(error)}", f"{identity} holds no private key of age: {error}"
        ) from error
    try:
        with file.open("rb") as sealed, new_file(output) as out:
            pyrage.decrypt_io(sealed, out, keys)
    except pyrage.DecryptError as error:
        raise UsageError(
            f"用 {identity} 无法解密 {file}：{zh(error)}",
            f"{file} cannot be decrypted with {identity}: {error}",
        ) from error
    except FileExistsError as error:
        raise UsageError(f"{output} 已经存在", f"{output} is there already") from error
    except OSError as error:
        if error.errno is None:  # pyrage's word for a file that was cut or changed.
            raise UsageError(
                f"{file} 无法解密：文件不完整或者被改动过（{error}）",
                f"{file} cannot be decrypted: it was cut or changed ({error})",
            ) from error
        raise UsageError(
            f"无法读取 {file} 或者写入 {output}：{zh(error)}",
            f"cannot read {file} or write {output}: {error.strerror}",
        ) from error
    click.echo(output)
    return EXIT_DONE
