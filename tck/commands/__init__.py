"""The commands of `deltacloud-tck`: each module has NAME, HELP, EXAMPLES, arguments, run."""

from tck.commands import prove, requirements, run, serve, validate

COMMANDS = (run, serve, validate, requirements, prove)
