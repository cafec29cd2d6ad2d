"""The methods of a driver, by kind of object. `drivers.base` has the rules that all share."""
