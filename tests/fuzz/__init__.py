"""Almost right inputs for everything of the kit that reads what others wrote: `make fuzz`."""
