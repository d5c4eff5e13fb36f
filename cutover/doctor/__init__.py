"""What has to be there for a release, checked one by one, each with how to fix it. Changes nothing anywhere."""
