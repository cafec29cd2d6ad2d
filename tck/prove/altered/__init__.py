"""The reference server made different: the ground on which faults and variants stand."""
