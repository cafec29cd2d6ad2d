"""The commands of `deltacloud-tck`: each module has NAME, HELP, EXAMPLES, arguments, run."""

from tck.commands import (
    cleanup,
    compare,
    docs,
    prove,
    requirements,
    run,
    serve,
    sign,
    validate,
    verify,
)

COMMANDS = (run, cleanup, serve, validate, requirements, prove, compare, sign, verify, docs)
