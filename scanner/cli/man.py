"""Writes the manual pages from what `--help` shows: python -m scanner.cli.man FOLDER.

One page a command and one for all; the same text makes the same bytes.
"""

import inspect
import os
import re
import sys
from collections.abc import Iterator, Mapping

import click

from scanner import __version__
from scanner.adopt.roff import bold, filled, named, text, verbatim
from scanner.cli.main import leakseal

_TOP = "leakseal"
_EXIT_CODES = """\
0 clean: everything that was asked for was read, and nothing was found
1 leaks were found
2 usage or configuration
3 incomplete: something could not be read; what was found is reported all the same
4 an internal error"""
_OTHERS = """\
0 done
2 usage or configuration
3 incomplete: something could not be read or written
4 an internal error"""
_OWN = "Exit codes: "  # how a help text begins to tell those of its command
_CODE = re.compile(r"(?<!,) ")  # what ends the codes at the beginning of a line
_STORES = """\
0 done
1 something is left to do
2 usage or configuration
3 the store, the network or the disk gave out
4 another value stands in the store, or a file changed
5 the store gave back something else than was written"""
_OF_COMMANDS = {
    **dict.fromkeys(("ci", "guard", "scan"), _EXIT_CODES),
    **dict.fromkeys(("policy", "vault"), _STORES),
    "log": f"{_OTHERS}\n5-8 of verify, as said there",
    "report": """\
0 the report was written
1 with --exit-code: it tells of leaks
2 usage, or the saved report is damaged
3 with --exit-code: the scan it tells of was incomplete""",
    "rules": f"{_OTHERS}\n1 of test: an example failed",
    "run": f"{_STORES}\n126, 127 the command cannot be run\nother that of the command",
}
_FILES = {
    ".leakseal.yaml": "Settings of the repository in whose root it lies.",
    ".leakseal.baseline": "What is there already and does not count, one line each.",
}
_ENVIRONMENT = {
    "LEAKSEAL_KEY": "The key that fingerprints are made with.",
    "LEAKSEAL_CACHE_DIR": "Where the results of audits are kept.",
    "NO_COLOR": "If set, reports have no colours.",
}


def pages() -> Mapping[str, str]:
    """Return the source of every page by its file's name."""
    context = click.Context(leakseal, info_name=_TOP, **leakseal.context_settings)
    commands = {name: _found(context, name) for name in leakseal.list_commands(context)}
    made = {f"{_TOP}.1": "\n".join(_overview(context, commands)) + "\n"}
    for name, command in commands.items():
        inner = click.Context(command, info_name=name, parent=context)
        made[f"{_TOP}-{name}.1"] = "\n".join(_page(inner)) + "\n"
    return made


def main(arguments: list[str]) -> int:
    """Write the pages into the one folder of `arguments` and return the exit code."""
    if len(arguments) != 1:
        click.echo("usage: python -m scanner.cli.man FOLDER", err=True)
        return 2
    os.makedirs(arguments[0], exist_ok=True)
    for name, source in pages().items():
        with open(os.path.join(arguments[0], name), "w", encoding="ascii", newline="\n") as file:
            file.write(source)
    return 0


def _found(context: click.Context, name: str) -> click.Command:
    command = leakseal.get_command(context, name)
    if command is None:
        raise LookupError(name)
    return command


def _overview(context: click.Context, commands: Mapping[str, click.Command]) -> Iterator[str]:
    summary, rest = _parts(leakseal)
    yield from _head(context, summary)
    yield from _described(summary, rest)
    yield ".SH COMMANDS"
    for name, command in commands.items():
        yield from _item(bold(f"{_TOP}-{name}") + "(1)", _parts(command)[0])
    yield from _options(context)
    yield from _exit_status(_EXIT_CODES)
    yield ".SH FILES"
    for name, meaning in _FILES.items():
        yield from _item(f"\\fI{text(name)}\\fR", meaning)
    yield ".SH ENVIRONMENT"
    for name, meaning in _ENVIRONMENT.items():
        yield from _item(bold(name), meaning)
    yield ".SH SEE ALSO"
    yield f"{bold('git')}(1), {bold('githooks')}(5)"


def _page(context: click.Context) -> Iterator[str]:
    summary, rest = _parts(context.command)
    yield from _head(context, summary)
    yield from _described(summary, rest)
    yield from _options(context)
    if isinstance(context.command, click.Group):
        yield ".SH COMMANDS"
        for inner in _inner(context):
            yield f".SS {text(inner.command_path)}"
            yield named(_usage(inner))
            summary, rest = _parts(inner.command)
            yield ".PP"
            yield from _paragraphs([summary, *rest])
            yield from _options(inner, heading=False)
    yield from _exit_status(_codes(context.command))
    yield ".SH SEE ALSO"
    yield f"{bold(_TOP)}(1)"


def _codes(command: click.Command) -> str:
    """Return the codes of a command, each on a line of its own with its meaning."""
    told = " ".join(inspect.cleandoc(command.help or "").split()).partition(_OWN)[2]
    if told:
        return re.sub(r"[,;] (?=[0-9] )", "\n", told.removesuffix("."))
    return _OF_COMMANDS.get(command.name or "", _OTHERS)


def _exit_status(codes: str) -> Iterator[str]:
    yield ".SH EXIT STATUS"
    for line in codes.splitlines():
        code, meaning = _CODE.split(line, 1)
        yield from _item(bold(code), meaning)


def _inner(context: click.Context) -> Iterator[click.Context]:
    group = context.command
    if isinstance(group, click.Group):
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            if command is not None and not command.hidden:
                yield click.Context(command, info_name=name, parent=context)


def _head(context: click.Context, summary: str) -> Iterator[str]:
    name = context.command_path.replace(" ", "-")
    yield '.\\" Made by: python -m scanner.cli.man; see --help of the command.'
    yield f'.TH "{text(name.upper())}" 1 "" "leakseal {__version__}" "leakseal"'
    yield ".ad l"
    yield ".nh"
    yield ".SH NAME"
    yield f"{text(name)} \\- {text(summary.rstrip('.'))}"
    yield ".SH SYNOPSIS"
    yield named(_usage(context))


def _usage(context: click.Context) -> str:
    pieces = " ".join(context.command.collect_usage_pieces(context))
    return f"{context.command_path} {pieces}".rstrip()


def _described(summary: str, rest: list[str]) -> Iterator[str]:
    yield ".SH DESCRIPTION"
    yield from _paragraphs([summary, *(part for part in rest if not part.startswith(_OWN))])


def _paragraphs(paragraphs: list[str]) -> Iterator[str]:
    for number, paragraph in enumerate(paragraphs):
        if number:
            yield ".PP"
        if paragraph.startswith("\b\n"):
            yield verbatim(paragraph[2:])
        else:
            yield filled(paragraph)


def _options(context: click.Context, *, heading: bool = True) -> Iterator[str]:
    records = [
        record
        for parameter in context.command.get_params(context)
        if isinstance(parameter, click.Option) and (record := parameter.get_help_record(context))
    ]
    if records and heading:
        yield ".SH OPTIONS"
    for names, meaning in records:
        yield from _item(named(names), meaning)


def _item(label: str, meaning: str) -> Iterator[str]:
    yield ".TP"
    yield label
    yield filled(meaning) or "\\&"


def _parts(command: click.Command) -> tuple[str, list[str]]:
    """Return the first paragraph of a command's help and the others, without markers."""
    help_text = inspect.cleandoc(command.help or "").partition("\f")[0]
    first, *rest = [part.strip("\n") for part in help_text.split("\n\n")]
    return first, rest


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
