"""``zijian completion``: what a shell needs to complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print the completion script of SHELL. bash: eval "$(zijian completion bash)" in ~/.bashrc; zsh alike in ~/.zshrc;
    fish: zijian completion fish > ~/.config/fish/completions/zijian.fish
    """
    from scanner.cli import cli

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(cli, {}, "zijian", "_ZIJIAN_COMPLETE").source())
    return 0
