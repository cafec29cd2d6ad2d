"""The commands of `deltacloud-tck`: each module has NAME, HELP, EXAMPLES, arguments, run."""

from tck.commands import validate

COMMANDS = (validate,)
