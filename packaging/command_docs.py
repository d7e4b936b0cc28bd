#!/usr/bin/env python3
"""Writes the man page and the completions of bash and zsh from what the program says of itself: `--help` of every verb
and `config print --json`. So they have what the program has, and nothing else.

    command_docs.py PROGRAM FOLDER   message-service.1, message-service.bash, _message-service
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

NAME = "message-service"


def ask(program, *words):
    # A folder without appsettings.json, and no setting of the environment: the program's own defaults.
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([program, *words], capture_output=True, text=True, check=True, cwd=folder,
                              env={"PATH": os.environ["PATH"]})
    return done.stdout


class Verb:
    """One command: its words, its text, its options as (names, argument, text), its positionals and verbs below it."""

    def __init__(self, program, words=()):
        self.words = words
        lines = ask(program, *words, "--help").splitlines()
        self.text = lines[0]
        self.options, self.positionals, self.verbs = [], [], []
        section, entries = None, {"Options:": [], "Positionals:": [], "Subcommands:": []}
        for line in lines[1:]:
            if line in entries:
                section = line
            elif not line.startswith("  "):
                section = None
            elif section and not line.startswith("   "):
                head, _, text = line.strip().partition("  ")
                entries[section].append([head, text.strip()])
            elif section and line.strip():
                entries[section][-1][1] = f"{entries[section][-1][1]} {line.strip()}".strip()
        for head, text in entries["Options:"]:
            names, _, argument = head.partition(" ")
            self.options.append((names.split(","), argument, text))
        self.positionals = [tuple(entry) for entry in entries["Positionals:"]]
        for head, text in entries["Subcommands:"]:
            # The load generator is a program of its own with its own help.
            below = Verb.__new__(Verb) if head == "bench" else Verb(program, (*words, head))
            if head == "bench":
                below.words, below.text, below.options, below.positionals, below.verbs = (head,), text, [], [], []
            self.verbs.append(below)

    def all(self):
        yield self
        for verb in self.verbs:
            yield from verb.all()

    def names(self):
        return [name for names, _, _ in self.options for name in names]

    def values(self):
        """Of options that have a closed set of values."""
        return {name: match[1].split(",") for names, argument, _ in self.options for name in names
                if (match := re.search(r"{(.*)}", argument))}


# --- man -----------------------------------------------------------------------------------------------------------------


def roff(text):
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + escaped if escaped.startswith((".", "'")) else escaped


def man_page(root, settings, version):
    out = [f'.TH MESSAGE\\-SERVICE 1 "" "{NAME} {version}" "User Commands"', ".SH NAME",
           f"{roff(NAME)} \\- {roff(root.text.rstrip('.'))}", ".SH SYNOPSIS", f".B {roff(NAME)}",
           ".I verb", "[\\fIoption\\fR...] [\\fB\\-\\-Section:Key=\\fIVALUE\\fR...]", ".SH DESCRIPTION",
           roff("Takes chat messages, appends them to a durable log, stores them and sends them to SignalR clients."),
           ".SH VERBS"]
    for verb in root.all():
        if verb is root or verb.verbs:
            continue
        positionals = "".join(f" [\\fI{roff(head.split()[0])}\\fR]" for head, _ in verb.positionals)
        out += [".SS", f"\\fB{roff(' '.join(verb.words))}\\fR{positionals}", roff(verb.text) + "."]
        for head, text in verb.positionals:
            out += [".TP", f"\\fI{roff(head.split()[0])}\\fR", roff(text) + "."]
        for names, argument, text in verb.options:
            if "--help" not in names:
                default = re.match(r"\w+=(\S+)", argument)
                values = re.search(r"{.*}", argument)
                shown = f" {values[0] if values else 'VALUE'}" if argument else ""
                more = f" (default {default[1]})" if default else ""
                out += [".TP", f"\\fB{roff(', '.join(names))}\\fR{roff(shown)}", roff(text + more) + "."]
    out += [".SH SETTINGS", roff("Every one can be given in appsettings.json or the file of --config, in the environment as "
                                 "Section__Key, and as --Section:Key=VALUE; the later one wins."),
            roff("SIGHUP takes Logging:Level, RateLimits (not Keys), Shutdown:DelayMs, Shutdown:TimeoutMs, certificates "
                 "and keys anew; the others need a restart.")]
    for setting in settings:
        what = setting["bounds"] or setting["type"]
        default = f"; default {setting['default']}" if setting["default"] else ""
        out += [".TP", f"\\fB{roff(setting['key'])}\\fR", roff(f"{setting['help']} ({what}{default})")]
    out += [".SH EXIT STATUS", ".TP", "0", "Done; stopped as asked.", ".TP", "1", "Failed; not well.", ".TP", "2",
            "Wrong usage or configuration, or a data folder that must be put right.",
            ".SH FILES", ".TP", ".I /etc/message\\-service/appsettings.json", "The configuration of the package's service.",
            ".TP", ".I /var/lib/message\\-service", "Its log and its store.",
            ".SH SIGNALS", roff("SIGTERM, SIGINT and SIGQUIT drain and end. SIGHUP reloads. SIGUSR1 and SIGUSR2 do nothing.")]
    return "\n".join(out) + "\n"


# --- completions ---------------------------------------------------------------------------------------------------------


def takes_settings(verb):
    return "--config" in verb.names()


def bash(root, settings):
    keys = " ".join(f"--{s['key']}=" for s in settings if not s["key"].endswith("*"))
    out = [f"# Completion of {NAME} for bash.", "_message_service() {",
           '  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb= word',
           "  # A colon and an equals sign separate words for readline: the setting under the cursor is one word here.",
           '  if declare -F _get_comp_words_by_ref >/dev/null; then _get_comp_words_by_ref -n := cur prev; fi',
           '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
           "    case $verb/$word in"]
    for verb in root.all():
        if verb is not root:
            before = " ".join(verb.words[:-1])
            out.append(f"      '{before}/{verb.words[-1]}') verb='{' '.join(verb.words)}' ;;")
    out += ["    esac", "  done", "  COMPREPLY=()", "  case $verb/$prev in"]
    for verb in root.all():
        for name, values in verb.values().items():
            out.append(f"    '{' '.join(verb.words)}/{name}')"
                       f" mapfile -t COMPREPLY < <(compgen -W '{' '.join(values)}' -- \"$cur\"); return ;;")
    out += ["    */--config) mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;", "  esac", "  local words=",
            "  case $verb in"]
    for verb in root.all():
        words = " ".join([*(below.words[-1] for below in verb.verbs), *verb.names()])
        more = " $settings" if takes_settings(verb) else ""
        out.append(f"    '{' '.join(verb.words)}') words=\"{words}{more}\" ;;")
    out += ["  esac", "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")",
            "  [[ ${COMPREPLY[*]} == *= ]] && compopt -o nospace",
            '  if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$cur"; fi', "}",
            "complete -F _message_service message-service"]
    index = out.index("  local words=")
    out.insert(index, f"  local settings='{keys}'")
    return "\n".join(out) + "\n"


def quoted(text):
    return text.replace("'", "'\\''").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")


def zsh(root, settings):
    keys = " ".join(f"'--{quoted(s['key'])}=[{quoted(s['help'])}]'" for s in settings if not s["key"].endswith("*"))
    out = [f"#compdef {NAME}", f"# Completion of {NAME} for zsh.", "_message-service() {",
           "  local verb= word index=2 number=1", "  while (( index < CURRENT )); do", "    word=$words[index]",
           "    case $verb/$word in"]
    for verb in root.all():
        if verb is not root:
            out.append(f"      ('{' '.join(verb.words[:-1])}/{verb.words[-1]}') verb='{' '.join(verb.words)}'; number=$index ;;")
    out += ["    esac", "    (( index++ ))", "  done", f"  local -a settings=({keys})",
            "  # The words of the verb count as the command's name.",
            '  words=("${(@)words[number,-1]}")', "  (( CURRENT -= number - 1 ))", "  case $verb in"]
    for verb in root.all():
        words = [f"'{below.words[-1]}:{below.text.replace(chr(39), '')}'" for below in verb.verbs]
        options = []
        values = verb.values()
        for names, argument, text in verb.options:
            for name in names:
                action = ""
                if argument:
                    action = ":value:" + (f"({' '.join(values[name])})" if name in values else "_files" if name == "--config" else "")
                options.append(f"'{name}[{quoted(text)}]{action}'")
        out.append(f"    ('{' '.join(verb.words)}')")
        if words:
            out += [f"      local -a verbs=({' '.join(words)})", f"      _arguments {' '.join(options)} '1: :{{_describe verb verbs}}' ;;"]
        else:
            out.append(f"      _arguments {' '.join(options)}{' $settings' if takes_settings(verb) else ''} ;;")
    out += ["  esac", "}", '_message-service "$@"']
    return "\n".join(out) + "\n"


def main():
    program, folder = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2])
    root = Verb(program)
    settings = json.loads(ask(program, "config", "print", "--json"))["options"]
    version = json.loads(ask(program, "version", "--json"))["version"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.1").write_text(man_page(root, settings, version))
    (folder / f"{NAME}.bash").write_text(bash(root, settings))
    (folder / f"_{NAME}").write_text(zsh(root, settings))


if __name__ == "__main__":
    main()
