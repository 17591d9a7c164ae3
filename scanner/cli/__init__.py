"""The command line: the one place that knows scanner, checks and reports together.

Exit codes: 0 done; 1 done, and a finding at or above ``--fail-on``; 2 bad usage, scope or configuration; 3 done, but
some targets or checks could not be completed; 130 interrupted (Ctrl-C or SIGTERM), resumable.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
from types import FrameType

import click

from scanner.cli.language import read_arguments, say, speak, told
from scanner.errors import LocalError, UsageError, ZijianError
from scanner.version import VERSION

EXIT_DONE, EXIT_FOUND, EXIT_USAGE, EXIT_INCOMPLETE, EXIT_INTERRUPTED = 0, 1, 2, 3, 130

_COMMANDS = {
    "scan": "scanner.cli.scan:scan",
    "assess": "scanner.cli.assess:assess",
    "report": "scanner.cli.report:report",
    "diff": "scanner.cli.diff:diff",
    "import": "scanner.cli.import_results:import_results",
    "scans": "scanner.cli.scans:scans",
    "stop": "scanner.cli.stop:stop",
    "checks": "scanner.cli.checks:checks",
    "logs": "scanner.cli.logs:logs",
    "inspect": "scanner.cli.inspect:inspect",
    "case": "scanner.cli.case:case",
    "law": "scanner.cli.law:law",
    "data": "scanner.cli.data:data",
    "ledger": "scanner.cli.ledger:ledger",
    "doctor": "scanner.cli.doctor:doctor",
    "completion": "scanner.cli.completion:completion",
}


class LazyGroup(click.Group):
    """Imports a command only when it is used: a scan must not wait for the law's command to load."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order in which people meet them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None when there is none of that name."""
        place = _COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        speak(command, cmd_name)
        return command


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(VERSION, prog_name="zijian")
def cli() -> None:
    """自检 zijian: what an internet-security inspection will find, with evidence and the law in force that day.

    It touches only what it was authorised to touch. Begin with: zijian scan 127.0.0.1
    """
    from scanner.paths import own_law

    if (folder := own_law()).is_dir():
        # Imported only where there is something to take up: most users have no law of their own.
        from reports.law.corpus import take_up

        take_up(folder)


def interrupt_on_term() -> None:
    """From now on SIGTERM ends this process as Ctrl-C does: what it started and half wrote is cleared away first."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


def main() -> None:
    """Run the command line; every expected error is one sentence on stderr and a documented exit code."""
    # Folders on the way to a file, too, are the owner's alone: mkdir's mode does not reach its parents.
    os.umask(0o077)
    interrupt_on_term()
    read_arguments(sys.argv[1:])
    speak(cli, "")
    try:
        code = cli.main(prog_name="zijian", standalone_mode=False)
    except click.exceptions.Abort:
        say("zijian: 已中断", "zijian: interrupted", err=True)
        code = EXIT_INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        code = EXIT_USAGE
    except click.ClickException as error:
        message = error.format_message()
        help_ = (
            f"{error.ctx.command_path} --help" if isinstance(error, click.UsageError) and error.ctx else ""
        )
        hints = (f"（用法：{help_}）", f" (see: {help_})") if help_ else ("", "")
        say(*(f"zijian: {message}{hint}" for hint in hints), err=True)
        code = EXIT_USAGE
    except UsageError as error:
        click.echo(f"zijian: {told(error)}", err=True)
        code = EXIT_USAGE
    except LocalError as error:
        click.echo(f"zijian: {told(error)}", err=True)
        code = EXIT_USAGE if error.kind in {"nmap_missing", "no_permission"} else EXIT_INCOMPLETE
    except ZijianError as error:
        click.echo(f"zijian: {told(error)}", err=True)
        code = EXIT_INCOMPLETE
    except BrokenPipeError:
        sys.stderr.close()
        code = EXIT_DONE
    # Everything was closed and written. Python would look through all that a scan has loaded for circles before it ends, which
    # takes a tenth of a second; memory goes back to the system anyway.
    gc.freeze()
    sys.exit(code if isinstance(code, int) else EXIT_DONE)
