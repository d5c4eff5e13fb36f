"""What a machine without a cluster or without the Pulumi CLI needs to try and to test this project."""
