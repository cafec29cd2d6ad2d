"""The commands of `deltacloud-tck`: each module has NAME, HELP, EXAMPLES, arguments, run."""

from tck.commands import requirements, run, serve, validate

COMMANDS = (run, serve, validate, requirements)
