"""The strategies as the driver knows them: how the file holds a service of each, how it is judged, told and moved."""
