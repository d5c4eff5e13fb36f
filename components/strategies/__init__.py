"""The strategies of a service, one folder each: settings, plan, component."""
